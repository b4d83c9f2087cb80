//! What a row says as one text, from which the keyed hash is made that recognises the row when it
//! comes again.
//!
//! Hashes are kept for years, so the text must not change while its meaning does not: a field has
//! a name of its own here, whatever it is called elsewhere, and a field without a value leaves no
//! trace, so that fields can be added.

use std::hash::{DefaultHasher, Hash, Hasher};

use base::Time;

use crate::order::Line;
use crate::record::{
    Contact, CustomerRow, Identifier, InteractionRow, OrderHead, ProductRow, Region,
};

/// The text of something that rows say.
#[must_use]
pub(crate) fn print(said: &impl Say) -> String {
    let mut print = Print::default();
    said.say(&mut print);
    print.0
}

/// 128 bits in which two values do not agree by chance, for what is remembered in memory only.
#[must_use]
pub(crate) fn wide(value: &impl Hash) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, value).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    (half(0) << 64) | half(1)
}

/// Something that rows say.
pub(crate) trait Say {
    /// Adds its fields that have a value.
    fn say(&self, print: &mut Print);
}

/// A text of named fields.
#[derive(Debug, Default)]
pub(crate) struct Print(String);

impl Print {
    /// The length says where a value ends, so no value can look like the next field.
    fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.0.push_str(name);
            self.0.push('=');
            self.0.push_str(&value.len().to_string());
            self.0.push(':');
            self.0.push_str(value);
        }
    }

    fn number(&mut self, name: &str, value: Option<i64>) {
        if let Some(value) = value {
            self.text(name, Some(&value.to_string()));
        }
    }

    fn time(&mut self, name: &str, value: Option<Time>) {
        self.number(name, value.map(Time::micros));
    }
}

impl<A: Say, B: Say> Say for (A, B) {
    fn say(&self, print: &mut Print) {
        self.0.say(print);
        self.1.say(print);
    }
}

impl<T: Say> Say for &T {
    fn say(&self, print: &mut Print) {
        (*self).say(print);
    }
}

impl<T: Say> Say for Option<T> {
    fn say(&self, print: &mut Print) {
        if let Some(said) = self {
            said.say(print);
        }
    }
}

impl Say for Vec<Identifier> {
    fn say(&self, print: &mut Print) {
        for Identifier { namespace, value } in self {
            print.text(namespace, Some(value));
        }
    }
}

impl Say for Region {
    fn say(&self, print: &mut Print) {
        let Self { country, country_code, province, city } = self;
        print.text("country", country.as_deref());
        print.text("code", country_code.as_deref());
        print.text("province", province.as_deref());
        print.text("city", city.as_deref());
    }
}

impl Say for Contact {
    fn say(&self, print: &mut Print) {
        let Self { name, phone, address } = self;
        print.text("to", name.as_deref());
        print.text("call", phone.as_deref());
        print.text("at", address.as_deref());
    }
}

impl Say for OrderHead {
    fn say(&self, print: &mut Print) {
        print.number("status", self.status.map(|status| status as i64));
        print.time("placed", self.placed_at);
        print.time("paid", self.paid_at);
        print.time("shipped", self.shipped_at);
        print.time("received", self.received_at);
        print.time("closed", self.closed_at);
        print.time("stated", self.stated_at);
        print.number("sum", self.paid_minor);
        print.number("back", self.refunded_minor);
        print.number("postage", self.shipping_minor);
        print.text("channel", self.channel.as_deref());
        print.text("store", self.store.as_deref());
        self.region.say(print);
        self.contact.say(print);
        print.number("test", self.test.then_some(1));
    }
}

impl Say for Line {
    fn say(&self, print: &mut Print) {
        let amounts = [self.product, self.quantity, self.unit_price_minor, self.amount_minor];
        for (name, value) in ["product", "pieces", "price", "amount"].into_iter().zip(amounts) {
            print.number(name, Some(value));
        }
        print.number("freight", Some(self.shipping_minor).filter(|minor| *minor != 0));
        print.time("when", self.at);
    }
}

impl Say for Vec<(Line, u32)> {
    fn say(&self, print: &mut Print) {
        for (line, count) in self {
            for _ in 0..*count {
                line.say(print);
            }
        }
    }
}

impl Say for CustomerRow {
    fn say(&self, print: &mut Print) {
        self.identifiers.say(print);
        print.text("name", self.name.as_deref());
        print.text("address", self.address.as_deref());
        self.region.say(print);
        print.text("gender", self.gender.as_deref());
        print.text("age", self.age_band.as_deref());
        print.text("birthday", self.birthday.as_deref());
        print.time("registered", self.registered_at);
        print.time("updated", self.updated_at);
        for (name, value) in &self.traits {
            print.text("trait", Some(name));
            print.text("is", Some(value));
        }
    }
}

impl Say for ProductRow {
    fn say(&self, print: &mut Print) {
        print.text("sku", Some(&self.sku));
        print.text("title", self.title.as_deref());
        print.text("category", self.category.as_deref());
        print.text("brand", self.brand.as_deref());
        print.number("price", self.price_minor);
        print.number("cost", self.cost_minor);
        print.number("stock", self.stock);
        print.time("listed", self.listed_at);
        print.time("sold", self.on_sale_at);
        print.time("updated", self.updated_at);
    }
}

impl Say for InteractionRow {
    /// All that it states: one that its source amends has happened again, so that no order of
    /// files decides which of the two counts.
    fn say(&self, print: &mut Print) {
        print.number("kind", Some(self.kind as i64));
        print.text("id", self.external_id.as_deref());
        self.person.say(print);
        print.time("at", self.at);
        print.text("order", self.order.as_deref());
        print.text("sku", self.sku.as_deref());
        print.number("rating", self.rating);
        print.text("text", self.text.as_deref());
        print.text("speaker", self.speaker.as_deref());
        print.text("agent", self.agent.as_deref());
        print.text("topic", self.topic.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{InteractionKind, Status};

    /// These texts are in every shop's hashes: a change here makes known rows new.
    #[test]
    fn texts_stay_as_they_are() {
        let region = Region { city: Some("广州".to_owned()), ..Region::default() };
        let head = OrderHead {
            status: Some(Status::Paid),
            placed_at: Some(Time::from_micros(7)),
            paid_minor: Some(-1),
            region,
            ..OrderHead::default()
        };
        let buyer = vec![Identifier { namespace: "taobao".to_owned(), value: "a=1:b".to_owned() }];
        assert_eq!(
            print(&(&buyer, &head)),
            "taobao=5:a=1:bstatus=1:1placed=1:7sum=2:-1city=6:广州"
        );
        let line = Line {
            product: 3,
            quantity: 2,
            unit_price_minor: 5,
            amount_minor: 10,
            shipping_minor: 0,
            at: None,
        };
        assert_eq!(print(&Some(line)), "product=1:3pieces=1:2price=1:5amount=2:10");
        let chat = InteractionRow {
            kind: InteractionKind::Chat,
            external_id: Some("m1".to_owned()),
            ..InteractionRow::default()
        };
        assert_eq!(print(&chat), "kind=1:2id=2:m1");
        let card = CustomerRow {
            identifiers: buyer,
            traits: vec![("size".to_owned(), "L".to_owned())],
            ..CustomerRow::default()
        };
        assert_eq!(print(&card), "taobao=5:a=1:btrait=4:sizeis=1:L");
        let product = ProductRow { sku: "P".to_owned(), stock: Some(0), ..ProductRow::default() };
        assert_eq!(print(&product), "sku=1:Pstock=1:0");
    }
}
