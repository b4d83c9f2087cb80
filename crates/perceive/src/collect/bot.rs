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
    // A make of telephones.
    let agent = agent.replace("cubot", "");
    WORDS.iter().copied().find(|word| agent.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_from_people() {
        let phone = "Mozilla/5.0 (Linux; Android 13; CUBOT X70) AppleWebKit/537.36 Mobile";
        assert_eq!(name(phone, false), None);
        assert_eq!(name(phone, true), Some("prefetch"));
        assert_eq!(name("Mozilla/5.0 (compatible; Googlebot/2.1)", false), Some("bot"));
        assert_eq!(name("Mozilla/5.0 (compatible; Baiduspider/2.0)", false), Some("spider"));
    }
}
