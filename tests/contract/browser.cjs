// Uses /docs as a person would: looks at it, gives a key, and tries out every operation.
//
// Usage: browser.cjs URL KEY CHROMIUM [FOLDER]; pictures of the page are left in FOLDER.
"use strict";
const { chromium } = require("playwright-core");
const assert = require("node:assert/strict");

const [url, key, executablePath, pictures] = process.argv.slice(2);
// Milliseconds; long, because the machine may be busy with other tests.
const PATIENCE = 300_000;

const id = "browser-1";
const subject = "browser-film";
const review = { id, subject, text: "I cried, and I would watch it again." };
const other = { ...review, id: undefined };

// What to fill in, and the expected status, in an order in which each step finds what it needs. The first
// three send the examples that the page offers.
const steps = [
    { operation: "get_health", status: 200 },
    { operation: "create_review", status: 201 },
    { operation: "get_review", status: 200 },
    { operation: "create_review", body: review, status: 201 },
    { operation: "create_review", body: { ...review, text: "Other words." }, status: 409 },
    { operation: "create_review", body: { ...review, stars: 3 }, status: 422 },
    { operation: "get_review", fields: { review_id: id, sentences: "true" }, status: 200 },
    { operation: "get_review", fields: { review_id: "nobody", sentences: "" }, status: 404 },
    { operation: "put_review", fields: { review_id: "browser-2" }, body: other, status: 201 },
    { operation: "put_review", fields: { review_id: "browser-2" }, body: other, status: 200 },
    { operation: "create_reviews", body: [review, { ...review, id: "browser-3" }], status: 200 },
    {
        operation: "create_reviews",
        type: "application/x-ndjson",
        body: `${JSON.stringify(review)}\n{"no": "review"}\n`,
        status: 200,
    },
    { operation: "list_reviews", fields: { subject, label: "positive", sort: "oldest" }, status: 200 },
    { operation: "list_reviews", fields: { subject, limit: "1" }, status: 200 },
    { operation: "analyze", status: 200 },
    { operation: "list_subjects", fields: { sort: "reviews", prefix: "browser" }, status: 200 },
    { operation: "get_subject_summary", fields: { subject }, status: 200 },
    { operation: "get_subject_timeline", fields: { subject, interval: "week" }, status: 200 },
    { operation: "get_subject_highlights", fields: { subject, limit: "2" }, status: 200 },
    { operation: "get_summary", fields: { from: "2013-01-01", to: "2014-01-01" }, status: 200 },
    { operation: "compare_subjects", list: { subject: [subject, "miracle-in-cell-no-7"] }, status: 200 },
    { operation: "get_model", status: 200 },
    { operation: "export_reviews", status: 200 },
    { operation: "get_ready", status: 200 },
    { operation: "get_metrics", status: 200 },
    { operation: "get_problem", status: 200 },
    { operation: "delete_review", fields: { review_id: id }, status: 204 },
    { operation: "delete_subject", fields: { subject }, status: 204 },
];

/** Notes all that a page should not do: complain, break its policy, or ask another host. */
async function watch(page) {
    const complaints = [];
    // A status that was asked for is no complaint, and Chromium reports it as one.
    const expected = /^Failed to load resource: the server responded with a status of 4\d\d/;
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type()) && !expected.test(message.text())) {
            complaints.push(`console: ${message.text()}`);
        }
    });
    page.on("pageerror", (error) => complaints.push(`page: ${error}`));
    page.on("request", (request) => {
        const { protocol, host } = new URL(request.url());
        if (!["data:", "blob:"].includes(protocol) && host !== new URL(url).host) {
            complaints.push(`request: ${request.url()}`);
        }
    });
    await page.exposeFunction("complain", (what) => complaints.push(what));
    await page.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (event) => {
            window.complain(`policy: ${event.violatedDirective} forbids ${event.blockedURI}`);
        });
    });
    return complaints;
}

/** Says who asks: gives a key in the dialog, instead of the one before. */
async function authorize(page, value) {
    await page.click(".btn.authorize");
    const logout = page.locator(".modal-ux button.auth:has-text('Logout')");
    if (await logout.count()) {
        await logout.click();
    }
    await page.fill("#auth-bearer-value", value);
    await page.click(".modal-ux button[type=submit]");
    await page.click(".modal-ux .btn-done");
}

/** The part of the page with an operation, opened. */
async function open(page, operation) {
    const block = page.locator(`.opblock[id$="-${operation}"]`);
    assert.equal(await block.count(), 1, `${operation} is on the page once`);
    if (!(await block.locator(".execute").count())) {
        await block.locator(".opblock-summary-control").click();
    }
    return block;
}

async function fill(block, { fields = {}, list = {}, type, body }) {
    for (const [name, value] of Object.entries(fields)) {
        const field = block.locator(`tr[data-param-name="${name}"]`).locator("input, select");
        const isList = (await field.evaluate((element) => element.tagName)) === "SELECT";
        await (isList ? field.selectOption(value) : field.fill(value));
    }
    for (const [name, values] of Object.entries(list)) {
        const row = block.locator(`tr[data-param-name="${name}"]`);
        for (const [index, value] of values.entries()) {
            await row.locator(".json-schema-form-item-add").click();
            const field = row.locator("input").nth(index);
            // Without an example the page makes one up that fits the pattern, which is unreadable.
            assert.equal(await field.inputValue(), "miracle-in-cell-no-7", `${name} has an example`);
            await field.fill(value);
        }
    }
    if (type) {
        await block.locator(".opblock-section-request-body select.content-type").selectOption(type);
    }
    if (body) {
        const text = typeof body === "string" ? body : JSON.stringify(body);
        await block.locator("textarea.body-param__text").fill(text);
    }
}

/** Fills a form, sends it, and gives the status and the body that the page shows. */
async function attempt(page, step) {
    const block = await open(page, step.operation);
    await fill(block, step);
    const clear = block.locator(".btn-clear");
    if (await clear.count()) {
        await clear.click();
    }
    await block.locator(".execute").click();
    const answer = block.locator(".live-responses-table tbody tr.response").first();
    await answer.waitFor();
    const status = (await answer.locator(".response-col_status").innerText()).trim();
    const text = answer.locator(".response-col_description .highlight-code").first();
    const body = (await text.count()) ? await text.innerText() : "";
    // Each key that is pressed draws all that is open anew.
    await block.locator(".opblock-summary-control").click();
    return { status: Number.parseInt(status), body };
}

/** No part of the page is wider than the window. */
async function fits(page) {
    const [content, window] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
    ]);
    assert.ok(content <= window, `the page is ${content} px wide in a window of ${window} px`);
}

async function main() {
    // Without its sandbox, because it starts for an administrator then too; it opens this page only.
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(PATIENCE);
    const complaints = await watch(page);
    await page.goto(`${url}/docs`);
    await page.waitForSelector(".opblock");
    assert.equal(await page.title(), "Heartstrings");

    assert.equal((await attempt(page, { operation: "get_model" })).status, 401, "without a key");
    await authorize(page, `hs_${"A".repeat(43)}`);
    const refused = await attempt(page, { operation: "get_model" });
    assert.equal(refused.status, 401, "with a wrong key");
    assert.match(refused.body, /problems\/unauthorized/);
    await authorize(page, key);
    for (const step of steps) {
        const { status, body } = await attempt(page, step);
        assert.equal(status, step.status, `${step.operation}: ${body}`);
    }

    const document = await (await page.request.get(`${url}/openapi.json`)).json();
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
    const all = operations.map((operation) => operation.operationId).sort();
    const tried = [...new Set(steps.map((step) => step.operation))].sort();
    assert.deepEqual(tried, all, "every operation is tried out");

    for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 900 });
        if (pictures) {
            await page.screenshot({ path: `${pictures}/docs-${width}.png`, fullPage: true });
        }
        await fits(page);
    }
    assert.deepEqual(complaints, []);
    await browser.close();
    console.log(`contract: /docs works in a browser: ${all.length} operations tried out`);
}

main().catch((error) => {
    console.error(`contract: /docs in a browser: ${error.stack ?? error}`);
    process.exit(1);
});
