//! Words that decide whether a full stop ends a sentence. All in small letters, without the stop.

/// Titles: a name follows, unless the next word opens a sentence ("I called the Dr. The nurse").
pub(super) const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "mx", "dr", "prof", "rev", "hon", "sgt", "capt", "lt", "col", "gen", "gov",
    "sen", "rep", "pres", "messrs", "mme", "mlle", "det", "insp", "cpl", "pvt", "st", "mt", "ft",
    "sta",
];

/// Abbreviations that never end a sentence.
pub(super) const NEVER: &[&str] =
    &["e.g", "eg", "i.e", "ie", "vs", "cf", "viz", "approx", "esp", "incl", "excl"];

/// Abbreviations that end a sentence only where the next word opens one.
pub(super) const RARELY: &[&str] = &[
    "inc", "ltd", "co", "corp", "bros", "jr", "sr", "ave", "blvd", "rd", "hwy", "dept", "apt",
    "est", "tel", "ext", "temp", "avg", "misc", "orig", "resp", "assn", "univ", "intl", "govt",
    "mfg", "mgr", "asst", "tbsp", "tsp", "pkg", "qty", "ph.d", "phd", "al", "sq", "min", "max",
    "bldg", "feat",
];

/// Abbreviations that end a sentence before a capital letter, and go on before a small one.
pub(super) const SOMETIMES: &[&str] = &["etc", "a.m", "p.m"];

/// Units, when a number stands before them: "6 ft. tall".
pub(super) const UNITS: &[&str] = &[
    "oz", "lb", "lbs", "ft", "in", "hr", "hrs", "min", "mins", "sec", "secs", "yr", "yrs", "mo",
    "mos", "wk", "wks", "km", "cm", "mm", "kg", "mi", "sq", "gal", "pt", "qt", "pm", "am",
];

/// What a number follows: "No. 7", "Vol. 2".
pub(super) const NUMBERED: &[&str] = &[
    "no", "nos", "vol", "vols", "ch", "chap", "pg", "pgs", "pp", "p", "fig", "figs", "ep", "eps",
    "pt", "sec", "art", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct",
    "nov", "dec", "ver", "rm", "ste", "v", "s", "op", "bk", "approx", "ca", "nr",
];

/// Words after which a single letter is a size, a grade or the like, and no initial.
pub(super) const LETTERED: &[&str] = &[
    "size",
    "sizes",
    "sized",
    "grade",
    "plan",
    "part",
    "vitamin",
    "type",
    "class",
    "letter",
    "series",
    "model",
    "an",
    "a",
    "or",
    "to",
    "medium",
    "hepatitis",
    "section",
    "terminal",
    "gate",
    "zone",
    "option",
    "side",
    "team",
    "group",
    "level",
    "room",
    "row",
    "the",
    "was",
    "is",
    "in",
    "usually",
    "wear",
    "normally",
    "got",
    "bought",
    "ordered",
    "region",
    "version",
    "category",
    "block",
    "exhibit",
    "generation",
    "mr",
];

/// Words that open sentences and are hardly ever names.
pub(super) const OPENERS: &[&str] = &[
    "the",
    "this",
    "that",
    "these",
    "those",
    "it",
    "it's",
    "its",
    "i",
    "i'm",
    "i've",
    "i'd",
    "i'll",
    "he",
    "he's",
    "she",
    "she's",
    "we",
    "we're",
    "we've",
    "they",
    "they're",
    "you",
    "you're",
    "there",
    "there's",
    "here",
    "my",
    "our",
    "your",
    "his",
    "her",
    "their",
    "but",
    "and",
    "so",
    "also",
    "then",
    "when",
    "if",
    "after",
    "what",
    "why",
    "how",
    "who",
    "not",
    "although",
    "though",
    "while",
    "because",
    "since",
    "as",
    "for",
    "from",
    "in",
    "on",
    "at",
    "with",
    "however",
    "overall",
    "unfortunately",
    "everything",
    "nothing",
    "all",
    "both",
    "every",
    "some",
    "many",
    "most",
    "don't",
    "do",
    "did",
    "didn't",
    "is",
    "was",
    "would",
    "highly",
    "definitely",
    "very",
    "just",
    "please",
    "once",
    "even",
    "or",
    "to",
    "be",
    "by",
    "an",
    "a",
    "now",
    "next",
    "never",
    "another",
];

/// Words that open a sentence even in small letters after "etc." and "p.m.".
pub(super) const SUBJECTS: &[&str] =
    &["the", "i", "it", "he", "she", "we", "they", "this", "my", "our", "but", "will"];

/// What follows a time of day that is not over: "5 p.m. EST", "at 10 a.m. Monday".
pub(super) const AFTER_TIME: &[&str] = &[
    "est",
    "pst",
    "cst",
    "mst",
    "gmt",
    "utc",
    "et",
    "pt",
    "edt",
    "pdt",
    "cet",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Names that end in a mark of exclamation.
pub(super) const EXCLAIMED: &[&str] = &[
    "yahoo", "jeopardy", "oklahoma", "airplane", "rouge", "mia", "hamilton", "oliver", "jumbo", "e",
];

/// Last parts of the names of places on the web and of files.
pub(super) const DOMAINS: &[&str] = &[
    "com", "org", "net", "edu", "gov", "uk", "de", "fr", "io", "tv", "ca", "au", "eu", "info",
    "biz", "html", "htm", "php", "pdf", "jpg", "jpeg", "png", "gif", "exe", "doc", "docx", "txt",
    "zip", "mp3", "mp4", "avi", "js", "css", "ai", "app", "dev", "ly", "gl", "fm",
];
