//! What buyers and the shop say to each other.

use std::sync::Arc;

use crate::calendar::DAY;
use crate::event::{Item, Order, Review, Talk, What};
use crate::facts;
use crate::life::Life;
use crate::wares::is_beauty;
use crate::words;

/// How ratings from 1 to 5 compare.
const RATINGS: [u32; 5] = [3, 3, 8, 18, 68];

impl Life<'_> {
    /// A chat before an order, sometimes.
    pub(crate) fn ask_before(&mut self, moment: i64) {
        let known = self.fate.registered.is_some_and(|since| moment > since);
        if known && self.draw.chance(0.12) {
            self.chat(&words::BEFORE, None, moment);
        }
    }

    /// A chat or a complaint after payment, sometimes.
    pub(crate) fn ask_after(&mut self, order: &Arc<Order>, (paid, shipped): (i64, i64)) {
        if self.draw.chance(facts::ASKED) {
            let moment = paid + self.draw.between(1800, 5 * DAY);
            self.chat(&words::AFTER, Some(order), moment);
        }
        if self.draw.chance(facts::COMPLAINED) {
            let (topic, text) = self.draw.pick(&words::COMPLAINTS);
            let moment = shipped + self.draw.between(3 * DAY, 12 * DAY);
            let talk = self.talk(Some(order), (topic, text), ("", true));
            self.say(moment, None, What::Complained(talk));
        }
    }

    fn chat(&mut self, table: &'static [words::Exchange], about: Option<&Arc<Order>>, from: i64) {
        let agent = self.draw.pick(&words::AGENTS);
        let Some(said) = self.one_of(table) else { return };
        let asked = self.talk(about, (said.topic, said.asked), (agent, true));
        self.say(from, None, What::Said(asked));
        let answered = self.talk(about, (said.topic, said.answered), (agent, false));
        let waits = self.draw.between(15, 180);
        self.say(from + waits, None, What::Said(answered));
    }

    fn talk(
        &mut self,
        about: Option<&Arc<Order>>,
        (topic, text): (&'static str, &'static str),
        (agent, buyer): (&'static str, bool),
    ) -> Arc<Talk> {
        let number = self.talks;
        self.talks += 1;
        Arc::new(Talk { number, order: about.map(Arc::clone), topic, text, agent, buyer })
    }

    /// A review of the first product that was kept, sometimes.
    pub(crate) fn review(&mut self, order: &Arc<Order>, back: &[Item], received: i64) {
        let kept = |item: &&Item| back.iter().all(|back| !Arc::ptr_eq(&back.ware, &item.ware));
        let kept = order.items.iter().find(kept);
        let Some(item) = kept.filter(|_| self.draw.chance(facts::REVIEWED)) else { return };
        let rating = 1 + self.draw.weighted(RATINGS.into_iter()) as u8;
        let beauty = is_beauty(&item.ware.product.category);
        let table = if beauty { &words::APPLIED } else { &words::WORN };
        let mood = match rating {
            4 | 5 => 0,
            3 => 1,
            _ => 2,
        };
        let text = self.draw.pick(table.get(mood).copied().unwrap_or_default());
        let review =
            Review { order: Arc::clone(order), ware: Arc::clone(&item.ware), rating, text };
        let moment = received + self.draw.between(3600, 10 * DAY);
        self.say(moment, None, What::Reviewed(Arc::new(review)));
    }
}
