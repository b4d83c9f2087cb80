//! Visitors that are programs: crawlers, previews, monitors.

/// Words by which programs name themselves, in lower case.
const WORDS: &[&str] = &[
    "bot",
    "spider",
    "crawl",
    "slurp",
    "mediapartners",
    "facebookexternalhit",
    "headlesschrome",
    "phantomjs",
    "lighthouse",
    "pingdom",
    "uptime",
    "preview",
    "curl/",
    "wget/",
    "scrapy",
    "httpclient",
    "python-requests",
];
/// What pages that a browser fetches before anybody sees them are called.
const PREFETCH: &str = "prefetch";

/// The word by which a client shows to be a program; none for a person, or for a shop's own
/// server, which names no browser.
#[must_use]
pub fn name(agent: &str, prefetch: bool) -> Option<&'static str> {
    if prefetch {
        return Some(PREFETCH);
    }
    let agent = agent.to_lowercase();
    WORDS.iter().copied().find(|word| agent.contains(word))
}
