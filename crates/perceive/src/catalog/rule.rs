//! What is known of a product, as a pure function of what was said about it.

use base::Time;

use crate::record::{ProductRow, fill};

/// The state of a product: `None` when nothing mentions it any more. `titles` are what order
/// lines call it and since when; `parts` are product rows in any order.
#[must_use]
pub fn state(titles: &[(String, Time)], parts: &[ProductRow]) -> Option<ProductRow> {
    if titles.is_empty() && parts.is_empty() {
        return None;
    }
    let mut parts: Vec<&ProductRow> = parts.iter().collect();
    // Latest first; rows without a time, and rows of the same time, in an order of their own.
    parts.sort_by_cached_key(|row| {
        (std::cmp::Reverse(row.updated_at.map(Time::micros)), format!("{row:?}"))
    });
    let mut state = ProductRow::default();
    for row in parts {
        fill(&mut state.title, &row.title);
        fill(&mut state.category, &row.category);
        fill(&mut state.brand, &row.brand);
        fill(&mut state.price_minor, &row.price_minor);
        fill(&mut state.cost_minor, &row.cost_minor);
        fill(&mut state.stock, &row.stock);
        fill(&mut state.listed_at, &row.listed_at);
        fill(&mut state.on_sale_at, &row.on_sale_at);
    }
    if state.title.is_none() {
        let named = titles.iter().filter(|(title, _)| !title.is_empty());
        let latest = named.max_by_key(|(title, at)| (*at, title));
        state.title = latest.map(|(title, _)| title.clone());
    }
    Some(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_row_wins_field_by_field_in_any_order() {
        let old = ProductRow {
            title: Some("旧".into()),
            brand: Some("B".into()),
            updated_at: Some(Time::from_micros(1)),
            ..ProductRow::default()
        };
        let new = ProductRow {
            title: Some("新".into()),
            updated_at: Some(Time::from_micros(2)),
            ..ProductRow::default()
        };
        let state = state(&[], &[old.clone(), new.clone()]).unwrap();
        assert_eq!(Some(&state), super::state(&[], &[new, old]).as_ref());
        assert_eq!((state.title.as_deref(), state.brand.as_deref()), (Some("新"), Some("B")));
    }

    #[test]
    fn without_product_rows_the_title_introduced_last_counts() {
        let said = |title: &str, at| (title.to_owned(), Time::from_micros(at));
        let state = state(&[said("a", 5), said("b", 9), said("", 20)], &[]).unwrap();
        assert_eq!(state.title.as_deref(), Some("b"));
        assert_eq!(super::state(&[], &[]), None);
    }
}
