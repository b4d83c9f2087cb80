//! The parts of the page.

use maud::{Markup, html};
use store::shop::Shop;
use stratify::rfm::rule::SCORES;
use stratify::rfm::{Report, StratumRow};

use super::Place;
use crate::http::figure::Census;
use crate::lang::Lang;
use crate::text::page::{self as text, Amount};

/// Shades of the matrix.
const SHADES: i64 = 5;
/// How finely money is told apart before it gets its shade.
const DEPTH: i64 = 100;
/// Side of a cell's picture, in its own units.
const SIDE: i64 = 32;
/// Length of a bar, in its own units.
const BAR: i64 = 1_000;

/// What to do where there is no shop.
pub(super) fn empty(place: &Place<'_>) -> Markup {
    let words = text::words(place.lang);
    html! {
        h1 { (words.no_shop) }
        p.lead { (words.no_shop_why) }
        (next(place.lang, None))
    }
}

/// A shop that there is not.
pub(super) fn unknown(place: &Place<'_>, name: &str) -> Markup {
    html! {
        h1 { (text::unknown(place.lang, name)) }
        p { (text::words(place.lang).choose) }
        ul {
            @for shop in place.shops {
                li { a href=(super::address(place, Some(&shop.name), None)) { (shop.name) } }
            }
        }
    }
}

fn next(lang: Lang, shop: Option<&str>) -> Markup {
    let words = text::words(lang);
    let (import, key) = text::commands(lang, shop);
    html! {
        h2 { (words.next) }
        ol.next {
            li { (words.do_import) code { (import) } }
            li { (words.do_key) code { (key) } }
        }
    }
}

/// What is in a shop.
pub(super) fn shop(place: &Place<'_>, shop: &Shop, figures: (&Census, &Report)) -> Markup {
    let (census, report) = figures;
    let lang = place.lang;
    let words = text::words(lang);
    let nothing = census.customers == 0 && census.orders == 0 && census.events == 0;
    html! {
        h1 { (shop.name) }
        @if nothing {
            p.lead { (words.empty) }
            (next(lang, Some(&shop.name)))
        } @else {
            @if report.customers > 0 {
                p.lead { (text::summary(lang, report, shop.currency)) }
            }
            (contents(lang, shop, census))
            @if report.customers > 0 {
                (matrix(lang, shop, report))
                (strata(lang, shop, report))
            } @else {
                h2 { (words.matrix) }
                p { (words.no_buyers) }
                (next(lang, Some(&shop.name)))
            }
        }
    }
}

fn contents(lang: Lang, shop: &Shop, census: &Census) -> Markup {
    let words = text::words(lang);
    let counts = [
        (words.customers, census.customers),
        (words.orders, census.orders),
        (words.products, census.products),
        (words.events, census.events),
    ];
    let times = [(words.last_import, census.last_import), (words.last_event, census.last_event)];
    html! {
        h2 { (words.contents) }
        dl {
            @for (name, count) in counts {
                div { dt { (name) } dd { (text::count(count)) } }
            }
            @for (name, at) in times {
                div {
                    dt { (name) }
                    dd.when { (at.map_or(words.never.to_owned(), |at| text::when(&shop.zone, at))) }
                }
            }
            div {
                dt { (words.aside) }
                dd.attention[census.aside > 0] {
                    (text::count(census.aside))
                    @if census.aside > 0 { span.soft { (words.aside_what) } }
                }
            }
        }
    }
}

/// People and money of the cells of R and F, whatever their M.
fn cells(report: &Report) -> [[(i64, i64); SCORES]; SCORES] {
    let mut cells = [[(0, 0); SCORES]; SCORES];
    for cell in &report.matrix {
        let place = |score: u8| usize::from(score).saturating_sub(1);
        let slot = cells.get_mut(place(cell.r)).and_then(|row| row.get_mut(place(cell.f)));
        if let Some((people, money)) = slot {
            *people += cell.customers;
            *money += cell.net_minor;
        }
    }
    cells
}

fn matrix(lang: Lang, shop: &Shop, report: &Report) -> Markup {
    let words = text::words(lang);
    let cells = cells(report);
    let all = || cells.iter().flatten();
    let people_max = all().map(|(people, _)| *people).max().unwrap_or(0);
    let money_max = all().map(|(_, money)| *money).max().unwrap_or(0);
    let rows: Vec<_> = (1..).zip(&cells).collect();
    html! {
        h2 { (words.matrix) }
        div.scroll {
            table.matrix {
                caption { (words.matrix_how) }
                thead {
                    tr {
                        td.none aria-hidden="true" { "R \\ F" }
                        @for f in 1..=SCORES {
                            th scope="col" { b { "F" (f) } (text::end(lang, ('F', f))) }
                        }
                    }
                }
                tbody {
                    @for (r, row) in rows.iter().rev() {
                        tr {
                            th scope="row" { b { "R" (r) } (text::end(lang, ('R', *r))) }
                            @for (people, money) in *row {
                                @let amount = Amount::new(lang, *money, shop.currency);
                                (cell(lang, (*people, people_max), (&amount, *money, money_max)))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn cell(
    lang: Lang,
    (people, people_max): (i64, i64),
    (amount, money, money_max): (&Amount, i64, i64),
) -> Markup {
    if people == 0 {
        return html! { td.none { "–" } };
    }
    // Areas are to each other as the people are.
    let side = (SIDE * SIDE * people / people_max.max(1)).isqrt().max(2);
    let at = (SIDE - side) / 2;
    // By the root, so that one rich cell does not make all others look alike.
    let depth = share_of(DEPTH * DEPTH, money.max(0), money_max).isqrt();
    let shade = if money <= 0 { 0 } else { (SHADES - 1) * depth / DEPTH + 1 };
    html! {
        td class={ "h" (shade.min(SHADES)) } {
            div.cell {
                svg viewBox={ "0 0 " (SIDE) " " (SIDE) } aria-hidden="true" {
                    rect x=(at) y=(at) width=(side) height=(side) rx="2" {}
                }
                div {
                    b { (text::people(lang, people)) }
                    span title=(amount.full) { (amount.short) }
                }
            }
        }
    }
}

/// `most` times the share that `part` is of `whole`, rounded down; amounts of money fit.
fn share_of(most: i64, part: i64, whole: i64) -> i64 {
    let share = i128::from(most) * i128::from(part) / i128::from(whole.max(1));
    i64::try_from(share).unwrap_or(most)
}

fn strata(lang: Lang, shop: &Shop, report: &Report) -> Markup {
    let words = text::words(lang);
    html! {
        h2 { (words.strata) }
        div.scroll {
            table.strata {
                caption { (text::as_of(lang, &report.as_of)) }
                thead {
                    tr {
                        th scope="col" { (words.stratum) }
                        th.n scope="col" { (words.people) }
                        th scope="col" { (words.people_share) }
                        th.n scope="col" { (words.money) }
                        th scope="col" { (words.money_share) }
                    }
                }
                tbody {
                    @for row in &report.strata { (stratum(lang, shop, row)) }
                }
            }
        }
    }
}

fn stratum(lang: Lang, shop: &Shop, row: &StratumRow) -> Markup {
    let amount = Amount::new(lang, row.net_minor, shop.currency);
    html! {
        tr {
            th scope="row" {
                (lang.pick(&row.name_zh, &row.name_en))
                small { (text::who(lang, &row.stratum)) }
            }
            td.n { (text::count(row.customers)) }
            td.share { (bar("people", row.customer_share)) (text::share(row.customer_share)) }
            td.n title=(amount.full) { (amount.short) }
            td.share { (bar("money", row.revenue_share)) (text::share(row.revenue_share)) }
        }
    }
}

fn bar(class: &str, share: f64) -> Markup {
    #[expect(clippy::cast_possible_truncation, reason = "a length between 0 and the bar's")]
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let length = (share.clamp(0.0, 1.0) * BAR as f64) as i64;
    html! {
        svg viewBox={ "0 0 " (BAR) " 100" } preserveAspectRatio="none" aria-hidden="true" {
            rect.track width=(BAR) height="100" {}
            rect class=(class) width=(length) height="100" {}
        }
    }
}
