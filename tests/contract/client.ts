// Uses the generated types, so that the compiler sees that they fit together.
import type { components, operations, paths } from "./client.js";

type Created = paths["/v1/reviews"]["post"]["responses"][201]["content"]["application/json"];
type Listed = operations["list_reviews"]["responses"][200]["content"]["application/json"];

const draft: components["schemas"]["ReviewDraft"] = { subject: "film", text: "<p>Good.</p>", format: "html" };

export function scores(created: Created, listed: Listed): number[] {
  return [created, ...listed.reviews].map((review) => review.analysis.sentiment.score);
}

// @ts-expect-error A review needs a text.
export const refused: components["schemas"]["ReviewDraft"] = { subject: draft.subject };
