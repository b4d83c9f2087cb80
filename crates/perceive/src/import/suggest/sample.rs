//! What the values of a column look like.

use std::collections::HashSet;

use base::Zone;

use crate::clean::when::Style;
use crate::clean::{email, number, phone, text, when};
use crate::import::mapping::Field;
use crate::import::read::RawRow;

/// Share of a column's values, in percent, that must be of a shape.
const SHARE: usize = 90;

/// What most values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Empty,
    Email,
    Phone,
    Time,
    /// Dates of which neither part says that it is the day.
    DoubtfulDate,
    Whole,
    Money,
    UniqueId,
    RepeatedId,
    Text,
}

/// The shape of a column.
pub(super) fn shape(rows: &[RawRow], place: usize) -> Shape {
    let values: Vec<_> =
        rows.iter().filter_map(|row| row.get(place)).filter_map(text::given).collect();
    if values.is_empty() {
        return Shape::Empty;
    }
    let zone = Zone::utc();
    let most = |test: &dyn Fn(&str) -> bool| {
        let count = values.iter().filter(|value| test(value)).count();
        count * 100 >= values.len() * SHARE
    };
    let whole = |value: &str| number::whole(value, false).is_ok();
    if most(&|value| email::email(value).is_ok()) {
        return Shape::Email;
    }
    if most(&|value| value.len() >= 8 && when::time(value, Style::Auto, &zone).is_ok()) {
        return Shape::Time;
    }
    if most(&|value| !whole(value) && when::time(value, Style::DayFirst, &zone).is_ok()) {
        return Shape::DoubtfulDate;
    }
    if most(&|value| value.len() >= 11 && phone::phone(value, "CN").is_ok()) {
        return Shape::Phone;
    }
    if most(&|value| value.len() < 8 && whole(value)) {
        return Shape::Whole;
    }
    if most(&|value| !whole(value) || value.contains('.') || value.len() < 8)
        && most(&|value| number::amount(value, false).is_ok())
    {
        return Shape::Money;
    }
    let token = |value: &str| value.len() <= 40 && !value.contains(char::is_whitespace);
    let digit = |value: &str| value.bytes().any(|byte| byte.is_ascii_digit());
    if most(&|value| token(value) && digit(value)) {
        let distinct: HashSet<&str> = values.iter().map(AsRef::as_ref).collect();
        let unique = distinct.len() == values.len();
        return if unique { Shape::UniqueId } else { Shape::RepeatedId };
    }
    Shape::Text
}

/// Whether values of a shape can be a field's.
pub(super) fn suits(field: Field, shape: Shape) -> bool {
    use Shape::{DoubtfulDate, Money, Phone, Time, Whole};
    match field {
        Field::PlacedAt
        | Field::PaidAt
        | Field::ShippedAt
        | Field::ReceivedAt
        | Field::ClosedAt
        | Field::LineAt
        | Field::RegisteredAt
        | Field::UpdatedAt
        | Field::ListedAt
        | Field::OnSaleAt
        | Field::At => matches!(shape, Time | DoubtfulDate),
        Field::Paid
        | Field::Payment
        | Field::Refunded
        | Field::Shipping
        | Field::UnitPrice
        | Field::Discount
        | Field::Amount
        | Field::Price
        | Field::Cost => matches!(shape, Money | Whole),
        Field::Quantity | Field::Stock => shape == Whole,
        Field::ContactPhone => shape == Phone,
        _ => true,
    }
}
