//! Records from rows.

use super::bind::{Bound, Scratch};
use super::order;
use super::spec::CheckKind;
use super::value::View;
use super::{Field, Kind, Reject};
use crate::clean::{mask, number, text, when, word};
use crate::import::read::RawRow;
use crate::record::{CustomerRow, InteractionKind, InteractionRow, ProductRow, Record};

pub(super) fn record(bound: &Bound, row: &RawRow, scratch: &mut Scratch) -> Result<Record, Reject> {
    let view = View { bound, row };
    match bound.kind {
        Kind::OrderLine | Kind::Order | Kind::Payment => order::record(&view, scratch),
        Kind::Customer | Kind::IdentityLink => {
            checked(&view)?;
            customer(&view, scratch).map(|row| Record::Customer(Box::new(row)))
        }
        Kind::Product => {
            checked(&view)?;
            product(&view, scratch).map(|row| Record::Product(Box::new(row)))
        }
        Kind::Review => interaction(&view, scratch, InteractionKind::Review),
        Kind::Favourite => interaction(&view, scratch, InteractionKind::Favourite),
        Kind::Chat => interaction(&view, scratch, InteractionKind::Chat),
        Kind::Complaint => interaction(&view, scratch, InteractionKind::Complaint),
    }
}

/// What must hold before anything is built: required fields and checked columns.
pub(super) fn checked(view: &View<'_>) -> Result<(), Reject> {
    view.check_required()?;
    for (place, is) in &view.bound.checks {
        let Some((_, text)) = view.first(&[*place]) else { continue };
        let zone = &view.bound.zone;
        let result = match is {
            CheckKind::Money => number::amount(&text, view.bound.comma).map(|_| ()),
            CheckKind::Whole => number::whole(&text, view.bound.comma).map(|_| ()),
            CheckKind::Time => when::time(&text, when::Style::Auto, zone).map(|_| ()),
        };
        result.map_err(|reason| view.reject_at(*place, &text, mask::Kind::Plain, reason))?;
    }
    Ok(())
}

fn customer(view: &View<'_>, scratch: &mut Scratch) -> Result<CustomerRow, Reject> {
    let identifiers = view.identifiers()?;
    if identifiers.is_empty() {
        let place = view.bound.identifiers.iter().find_map(|id| id.columns.first());
        let reason = "the row has nothing that says who the person is";
        return Err(view.reject_at(place.copied().unwrap_or(0), "", mask::Kind::Plain, reason));
    }
    let zone = &view.bound.zone;
    let style = view.date_style(Field::Birthday);
    let birthday = view.read(Field::Birthday, |text| {
        if when::is_zero(text) { Ok(None) } else { when::birthday(text, style, zone).map(Some) }
    })?;
    let birthday = birthday.flatten();
    let age_band = match view.read(Field::AgeBand, word::age_band)? {
        Some(band) => Some(band),
        None => {
            let known = birthday.as_deref().zip(view.bound.as_of);
            let band = known.and_then(|(birthday, as_of)| word::age_band_of(birthday, as_of));
            band.map(str::to_owned)
        }
    };
    let traits = view.bound.traits.iter().filter_map(|(name, columns)| {
        view.first(columns).map(|(_, text)| (name.clone(), text.into_owned()))
    });
    Ok(CustomerRow {
        identifiers,
        name: view.string(Field::Name)?,
        address: view.string(Field::Address)?,
        region: view.region(scratch)?,
        gender: view.read(Field::Gender, word::gender)?.flatten().map(str::to_owned),
        age_band,
        birthday,
        registered_at: view.time(Field::RegisteredAt, scratch)?,
        updated_at: view.time(Field::UpdatedAt, scratch)?,
        traits: traits.collect(),
    })
}

fn product(view: &View<'_>, scratch: &mut Scratch) -> Result<ProductRow, Reject> {
    order::check_currency(view, "")?;
    let Some(sku) = view.id(Field::Sku)? else {
        return Err(view.reject(Field::Sku, "", "is empty"));
    };
    Ok(ProductRow {
        sku,
        title: view.string(Field::Title)?,
        category: view.string(Field::Category)?,
        brand: view.string(Field::Brand)?,
        price_minor: view.money(Field::Price)?,
        cost_minor: view.money(Field::Cost)?,
        stock: view.whole_number(Field::Stock)?,
        listed_at: view.time(Field::ListedAt, scratch)?,
        on_sale_at: view.time(Field::OnSaleAt, scratch)?,
        updated_at: view.time(Field::UpdatedAt, scratch)?,
    })
}

fn interaction(
    view: &View<'_>,
    scratch: &mut Scratch,
    kind: InteractionKind,
) -> Result<Record, Reject> {
    checked(view)?;
    let speaker = view.read(Field::Speaker, word::speaker)?;
    Ok(Record::Interaction(Box::new(InteractionRow {
        kind,
        external_id: view.id(Field::ExternalId)?,
        person: view.identifiers()?,
        at: view.time(Field::At, scratch)?,
        order: view.id(Field::Order)?,
        sku: view.id(Field::Sku)?,
        rating: view.read(Field::Rating, word::rating)?,
        text: view.string(Field::Text)?,
        speaker: speaker.map(str::to_owned),
        agent: view.string(Field::Agent)?,
        topic: view.read(Field::Topic, |topic| Ok(text::cell(topic).into_owned()))?,
    })))
}
