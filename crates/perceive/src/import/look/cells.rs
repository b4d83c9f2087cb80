//! What a row says, field by field, as people may see it.

use base::{Currency, Money, Time, Zone};

use crate::clean::mask::{Kind, mask};
use crate::identity::shown;
use crate::import::mapping::Field;
use crate::import::suggest::IDENTIFIER;
use crate::record::{
    CustomerRow, Identifier, InteractionRow, OrderKind, OrderRow, ProductRow, Record, Region,
};
use crate::table;

/// A field's name and its value.
pub type Cell = (String, String);

/// What a record says, personal values hidden.
pub(super) fn cells(record: &Record, currency: Currency, zone: &Zone) -> Vec<Cell> {
    let mut row = Row { cells: Vec::new(), currency, zone };
    match record {
        Record::Order(order) => row.order(order),
        Record::Customer(customer) => row.customer(customer),
        Record::Product(product) => row.product(product),
        Record::Interaction(interaction) => row.interaction(interaction),
    }
    row.cells
}

struct Row<'a> {
    cells: Vec<Cell>,
    currency: Currency,
    zone: &'a Zone,
}

impl Row<'_> {
    fn text(&mut self, field: Field, value: impl AsRef<str>) {
        if !value.as_ref().is_empty() {
            self.cells.push((field.name().to_owned(), mask(field.mask(), value.as_ref())));
        }
    }

    fn maybe(&mut self, field: Field, value: Option<&String>) {
        self.text(field, value.map_or("", String::as_str));
    }

    fn number(&mut self, field: Field, value: Option<i64>) {
        self.text(field, value.map_or_else(String::new, |value| value.to_string()));
    }

    fn money(&mut self, field: Field, minor: Option<i64>) {
        let currency = self.currency;
        let shown = minor.map(|minor| Money { minor, currency }.to_string());
        self.text(field, shown.unwrap_or_default());
    }

    /// By the shop's clock, to the second.
    fn time(&mut self, field: Field, at: Option<Time>) {
        let shown = at.map(|at| self.zone.local(at).strftime("%Y-%m-%d %H:%M:%S").to_string());
        self.text(field, shown.unwrap_or_default());
    }

    fn people(&mut self, identifiers: &[Identifier]) {
        for Identifier { namespace, value } in identifiers {
            let kind = shown::kind(namespace, false);
            self.cells.push((format!("{IDENTIFIER}{namespace}"), mask(kind, value)));
        }
    }

    fn region(&mut self, region: &Region) {
        self.maybe(Field::Country, region.country_code.as_ref().or(region.country.as_ref()));
        self.maybe(Field::Province, region.province.as_ref());
        self.maybe(Field::City, region.city.as_ref());
    }

    fn order(&mut self, row: &OrderRow) {
        let head = &row.said.head;
        self.text(Field::Order, &row.order);
        if row.kind != OrderKind::Order {
            self.text(Field::Kind, table::kind(row.kind as i64));
        }
        self.maybe(Field::OfOrder, row.of_order.as_ref());
        self.people(&row.said.buyer);
        self.text(Field::Status, head.status.map_or("", |status| table::status(status as i64)));
        for (field, at) in [
            (Field::PlacedAt, head.placed_at),
            (Field::PaidAt, head.paid_at),
            (Field::ShippedAt, head.shipped_at),
            (Field::ReceivedAt, head.received_at),
            (Field::ClosedAt, head.closed_at),
        ] {
            self.time(field, at);
        }
        self.money(Field::Paid, head.paid_minor);
        self.money(Field::Payment, row.payment_minor);
        self.money(Field::Refunded, head.refunded_minor);
        self.money(Field::Shipping, head.shipping_minor);
        for line in row.line.iter().chain(&row.lines) {
            self.text(Field::Sku, &line.sku);
            self.maybe(Field::Title, line.title.as_ref());
            self.number(Field::Quantity, Some(line.quantity));
            self.money(Field::UnitPrice, Some(line.unit_price_minor));
            self.money(Field::Amount, Some(line.amount_minor));
            self.money(Field::LineShipping, Some(line.shipping_minor).filter(|minor| *minor != 0));
            self.time(Field::LineAt, line.at);
        }
        self.maybe(Field::Channel, head.channel.as_ref());
        self.maybe(Field::Store, head.store.as_ref());
        self.region(&head.region);
        self.maybe(Field::ContactName, head.contact.name.as_ref());
        self.maybe(Field::ContactPhone, head.contact.phone.as_ref());
        self.maybe(Field::ContactAddress, head.contact.address.as_ref());
        self.text(Field::Test, if head.test { "true" } else { "" });
    }

    fn customer(&mut self, row: &CustomerRow) {
        self.people(&row.identifiers);
        self.maybe(Field::Name, row.name.as_ref());
        self.maybe(Field::Gender, row.gender.as_ref());
        self.maybe(Field::AgeBand, row.age_band.as_ref());
        self.maybe(Field::Birthday, row.birthday.as_ref());
        self.region(&row.region);
        self.maybe(Field::Address, row.address.as_ref());
        self.time(Field::RegisteredAt, row.registered_at);
        self.time(Field::UpdatedAt, row.updated_at);
        for (name, value) in &row.traits {
            self.cells.push((name.clone(), mask(Kind::Other, value)));
        }
    }

    fn product(&mut self, row: &ProductRow) {
        self.text(Field::Sku, &row.sku);
        self.maybe(Field::Title, row.title.as_ref());
        self.maybe(Field::Category, row.category.as_ref());
        self.maybe(Field::Brand, row.brand.as_ref());
        self.money(Field::Price, row.price_minor);
        self.money(Field::Cost, row.cost_minor);
        self.number(Field::Stock, row.stock);
        self.time(Field::ListedAt, row.listed_at);
        self.time(Field::OnSaleAt, row.on_sale_at);
        self.time(Field::UpdatedAt, row.updated_at);
    }

    fn interaction(&mut self, row: &InteractionRow) {
        self.maybe(Field::ExternalId, row.external_id.as_ref());
        self.people(&row.person);
        self.time(Field::At, row.at);
        self.maybe(Field::Order, row.order.as_ref());
        self.maybe(Field::Sku, row.sku.as_ref());
        self.number(Field::Rating, row.rating);
        self.maybe(Field::Text, row.text.as_ref());
        self.maybe(Field::Speaker, row.speaker.as_ref());
        self.maybe(Field::Agent, row.agent.as_ref());
        self.maybe(Field::Topic, row.topic.as_ref());
    }
}
