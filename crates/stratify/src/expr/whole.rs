//! An expression of a whole shop: whom it means.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use base::{Result, Zone};
use lake::Lake;
use lake::mask::{Bits, Node, RowTest, Test, Texts};
use perceive::record::ProductRow;
use perceive::search::{self, Sealed};
use perceive::{profile, relay};
use roaring::RoaringBitmap;
use store::Cx;
use store::key::Sealer;

use super::ahead::{Ahead, Known, Told, largest};
use super::behaviour::{self, Behaviour, Measured, Source};
use super::field::{LIFECYCLE, SEGMENT};
use super::sets::{Chance, Gauged, Within};
use super::{At, Check, Expr, Field, Kind, Rule, Sets, Spell, Top, one, plan, veil};
use crate::carts::{self, Carts};
use crate::gauge;
use crate::lifecycle::Stage;
use crate::mirror::{self, Mirror};
use crate::rfm::rule::{Scored, Stratum};
use crate::sales::Sales;

/// The score or stratum of somebody who has none.
const NONE: u8 = u8::MAX;

/// A shop's customers and what they did.
#[derive(Clone, Copy)]
pub struct Shop<'a> {
    /// The context, which says what time it is.
    pub cx: &'a Cx,
    /// The shop's zone.
    pub zone: &'a Zone,
    /// History.
    pub lake: &'a Lake,
    /// Customers.
    pub mirror: &'a Mirror,
    /// Their scores by place.
    pub scores: &'a [Option<Scored>],
    /// The stages of their lives with the shop, by place.
    pub stages: &'a [Stage],
    /// Sets of them.
    pub sets: &'a Sets,
    /// Orders.
    pub sales: &'a Sales,
    /// Open carts.
    pub carts: &'a Carts,
    /// Threads that an answer may take.
    pub threads: usize,
}

/// What leaves of an expression were found to say of everybody, by where they stand.
type Ready = HashMap<String, Ahead>;

/// An expression as conditions on the mirror's columns.
pub struct Compiled {
    /// The whole.
    pub node: Node,
    /// Each condition with the place where it stands in the expression.
    pub leaves: Vec<(String, Node)>,
}

fn at_of(leaf: &Expr) -> String {
    match leaf {
        Expr::Rule(rule) => rule.at.clone(),
        Expr::Did(behaviour) => behaviour.at.clone(),
        _ => String::new(),
    }
}

impl Shop<'_> {
    pub(super) fn at(&self) -> At<'_> {
        At { now: self.cx.now, zone: self.zone }
    }

    /// How many customers an expression means. Blocks on threads of a scan where it asks what
    /// people did; call it where that may be.
    ///
    /// # Errors
    /// What the store or the lake reports; `bad_input` for times out of range.
    pub async fn count(&self, expr: &Expr) -> Result<u64> {
        Ok(self.mirror.count(&self.node(expr).await?, self.threads))
    }

    /// The numbers of the customers that an expression means.
    ///
    /// # Errors
    /// As [`Shop::count`].
    pub async fn members(&self, expr: &Expr) -> Result<RoaringBitmap> {
        Ok(self.mirror.members(&self.node(expr).await?, self.threads))
    }

    /// An expression as conditions on the mirror's columns.
    ///
    /// # Errors
    /// As [`Shop::count`].
    pub async fn node(&self, expr: &Expr) -> Result<Node> {
        let ready = self.prepare(expr).await?;
        let scores = OnceCell::new();
        plan::fold(expr, false, &mut |leaf, not| self.leaf(leaf, not, &ready, &scores))
    }

    /// An expression as conditions on the mirror's columns, the whole of it and each of its parts.
    ///
    /// # Errors
    /// As [`Shop::count`].
    pub async fn compiled(&self, expr: &Expr) -> Result<Compiled> {
        let ready = self.prepare(expr).await?;
        let scores = OnceCell::new();
        let mut leaf = |leaf: &Expr, not| self.leaf(leaf, not, &ready, &scores);
        let node = plan::fold(expr, false, &mut leaf)?;
        let mut parts = Vec::new();
        expr.each_leaf(&mut |part| parts.push(part));
        let leaves = parts.into_iter().map(|part| Ok((at_of(part), leaf(part, false)?)));
        Ok(Compiled { node, leaves: leaves.collect::<Result<_>>()? })
    }

    /// Between which sets the members of an expression must lie, by what is not private in it:
    /// those who are meant whatever private conditions say, and those who may be.
    ///
    /// # Errors
    /// As [`Shop::count`].
    pub async fn bounds(&self, expr: &Expr) -> Result<(RoaringBitmap, RoaringBitmap)> {
        let ready = self.prepare(expr).await?;
        let scores = OnceCell::new();
        let of = |open: bool| -> Result<RoaringBitmap> {
            let node = plan::fold(expr, false, &mut |leaf, not| match self.is_private(leaf) {
                true if open => Ok(Node::always()),
                true => Ok(Node::never()),
                false => self.leaf(leaf, not, &ready, &scores),
            })?;
            Ok(self.mirror.members(&node, self.threads))
        };
        Ok((of(false)?, of(true)?))
    }

    /// Whether a condition reads what the shop keeps to itself, also through a segment.
    fn is_private(&self, leaf: &Expr) -> bool {
        let through = match leaf {
            Expr::Rule(rule) => match &rule.check {
                Check::Member(numbers) if rule.field.name == SEGMENT => {
                    numbers.iter().any(|number| self.sets.private.contains(number))
                }
                _ => false,
            },
            _ => false,
        };
        through || veil::leaf_reads(leaf, &self.sets.privacy)
    }

    /// A number or an instant of a customer; none where there is no such customer or value.
    #[must_use]
    pub fn number(&self, field: &str, number: i64) -> Option<i64> {
        let (rows, row) = self.mirror.row(number)?;
        match SCORES.iter().position(|own| *own == field) {
            Some(which) => self.scored(number)?.scores.get(which).copied().map(i64::from),
            None => match self.sets.gauges.of(field, number) {
                None => rows.number(mirror::place(field)?, row),
                own => own,
            },
        }
    }

    /// A text of a customer, or a truth value as one.
    #[must_use]
    pub fn text(&self, field: &str, number: i64) -> Option<&str> {
        let (rows, row) = self.mirror.row(number)?;
        match field {
            "stratum" => Some(self.scored(number)?.stratum.names().0),
            LIFECYCLE => Some(self.stage(number)?.name()),
            _ => {
                let place = mirror::place(field)?;
                let truth =
                    || rows.truth(place, row).map(|held| if held { "true" } else { "false" });
                rows.text(place, row).or_else(truth)
            }
        }
    }

    /// The scores of a customer.
    pub(super) fn scored(&self, number: i64) -> Option<Scored> {
        self.scores.get(usize::try_from(number).ok()?.checked_sub(1)?).copied().flatten()
    }

    /// The stage of a customer's life with the shop.
    pub(super) fn stage(&self, number: i64) -> Option<Stage> {
        self.stages.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
    }

    /// Looks up what the mirror's columns do not say.
    async fn prepare(&self, expr: &Expr) -> Result<Ready> {
        let mut leaves = Vec::new();
        expr.each_leaf(&mut |leaf| leaves.push(leaf));
        let behaviours = leaves.iter().filter_map(|leaf| match leaf {
            Expr::Did(behaviour) => Some(behaviour.as_ref()),
            _ => None,
        });
        let mut ready = self.behaviours(&behaviours.collect::<Vec<_>>()).await?;
        for leaf in leaves {
            let Expr::Rule(rule) = leaf else { continue };
            let found = match (&rule.check, rule.field.kind) {
                (Check::Text(texts), Kind::Sealed) => {
                    Ahead::Known(Arc::new(self.sealed(rule, texts).await?))
                }
                (Check::Missing(missing), Kind::Sealed) if has(&rule.field).is_none() => {
                    Ahead::Known(Arc::new(self.unnamed(*missing).await?))
                }
                (Check::Top(top), _) => Ahead::Known(Arc::new(self.top(rule, *top))),
                (Check::Text(_) | Check::Time(_), Kind::Day) => {
                    Ahead::Words(self.birthdays(&rule.check).await?)
                }
                _ => continue,
            };
            ready.insert(rule.at.clone(), found);
        }
        Ok(ready)
    }

    /// What everybody did.
    async fn behaviours(&self, behaviours: &[&Behaviour]) -> Result<Ready> {
        if behaviours.is_empty() {
            return Ok(Ready::new());
        }
        let products = products(self.cx).await?;
        let (products, shop) = (&products, *self);
        relay::pinned(self.cx, move |moment| async move {
            let source = Source {
                shop: shop.cx.shop,
                lake: shop.lake,
                moment,
                sales: shop.sales,
                carts: shop.carts,
                hidden: &shop.sets.privacy.events,
                products,
                at: shop.at(),
                threads: shop.threads,
                paid: OnceCell::new(),
            };
            let mut ready = Ready::new();
            for behaviour in behaviours {
                let tally = behaviour::gather(&source, behaviour).await?;
                let known = Known::of(&tally, behaviour, shop.at())?;
                ready.insert(behaviour.at.clone(), Ahead::Known(Arc::new(known)));
            }
            Ok(ready)
        })
        .await
    }

    /// Under which words the mirror has the birthdays that a check means.
    async fn birthdays(&self, check: &Check) -> Result<Texts> {
        let days: BTreeSet<String> = match check {
            Check::Text(Texts::Is(day)) => BTreeSet::from([day.to_string()]),
            Check::Text(Texts::Among(days)) => days.iter().map(ToString::to_string).collect(),
            Check::Time(Spell::Anniversary(window, _)) => window.month_days(self.at())?,
            _ => BTreeSet::new(),
        };
        let sealer = Sealer::open(&mut self.cx.read().await?, self.cx, &[], false).await?;
        let index = |day: &String| profile::birthday_index(&sealer, day).into_boxed_str();
        Ok(Texts::Among(Arc::new(days.iter().map(index).collect())))
    }

    async fn sealed(&self, rule: &Rule, texts: &Texts) -> Result<Known> {
        let kind = match rule.field.name.as_ref() {
            "name" => Sealed::Name,
            "phone" => Sealed::Phone,
            _ => Sealed::Email,
        };
        let found = match texts {
            Texts::Is(text) => search::by(self.cx, kind, [&**text].into_iter()).await?,
            Texts::Among(texts) => search::by(self.cx, kind, texts.iter().map(|t| &**t)).await?,
            _ => Vec::new(),
        };
        let places = found.iter().filter_map(|number| usize::try_from(number - 1).ok());
        let yes: Bits = places.collect();
        let others = match has(&rule.field) {
            Some(there) => self.places(&Node::Column(there, Test::Truth(true))),
            None => self.named().await?,
        };
        let no = others.into_iter().filter(|place| !yes.contains(*place)).collect();
        Ok(Known { yes, no, places: usize::MAX, beyond: None })
    }

    /// The places of those of whom something holds.
    fn places(&self, node: &Node) -> Vec<usize> {
        let members = self.mirror.members(node, self.threads);
        members.iter().filter_map(|number| usize::try_from(number - 1).ok()).collect()
    }

    /// The places of those whose name is known.
    async fn named(&self) -> Result<Vec<usize>> {
        let named = profile::named(&mut self.cx.read().await?).await?;
        Ok(named.into_iter().filter_map(|number| usize::try_from(number - 1).ok()).collect())
    }

    /// Whose sealed value is missing, or is not, where no column says so.
    async fn unnamed(&self, missing: bool) -> Result<Known> {
        let named: Bits = self.named().await?.into_iter().collect();
        let all = self.places(&Node::All(Vec::new())).into_iter();
        let (yes, no): (Vec<usize>, Vec<usize>) =
            all.partition(|place| named.contains(*place) != missing);
        let [yes, no] = [yes, no].map(|places| places.into_iter().collect());
        Ok(Known { yes, no, places: usize::MAX, beyond: None })
    }

    /// The customers with the largest values of a column; of equal ones, those who came first.
    fn top(&self, rule: &Rule, top: Top) -> Known {
        let mut values: Vec<(Measured, usize)> = Vec::new();
        let mut known = Bits::default();
        self.mirror.each_person_i64(&rule.field.name, |place, value| {
            values.push((Measured::Whole(value), place));
            known.insert(place);
        });
        let yes: Bits = largest(values, top).into_iter().collect();
        let no = (0..known.end()).filter(|place| known.contains(*place) && !yes.contains(*place));
        Known { no: no.collect(), yes, places: usize::MAX, beyond: None }
    }

    fn leaf(
        &self,
        leaf: &Expr,
        not: bool,
        ready: &Ready,
        scores: &OnceCell<Arc<Vec<[u8; 5]>>>,
    ) -> Result<Node> {
        let told = |at: &str| match ready.get(at) {
            Some(Ahead::Known(known)) => {
                Node::Row(Arc::new(Told { known: Arc::clone(known), not }))
            }
            Some(Ahead::Words(texts)) => match mirror::place(mirror::BIRTHDAY) {
                Some(place) => {
                    Node::Column(place, Test::Text { texts: texts.clone(), outside: not })
                }
                None => Node::never(),
            },
            None => Node::never(),
        };
        let rule = match leaf {
            Expr::Did(behaviour) => return Ok(told(&behaviour.at)),
            Expr::Rule(rule) => rule,
            _ => return Ok(Node::never()),
        };
        if rule.field.kind == Kind::Sealed {
            return Ok(match (&rule.check, has(&rule.field)) {
                (Check::Missing(missing), Some(there)) => {
                    Node::Column(there, Test::Truth(*missing == not))
                }
                _ => told(&rule.at),
            });
        }
        match &rule.check {
            Check::Text(_) | Check::Time(_) if rule.field.kind == Kind::Day => {
                return Ok(told(&rule.at));
            }
            Check::Top(_) => return Ok(told(&rule.at)),
            Check::Member(numbers) => {
                let bits = self.sets.together(&rule.field.name, numbers);
                return Ok(Node::Row(Arc::new(Within { bits, not })));
            }
            _ => {}
        }
        if let Some(chance) = Chance::new(rule, not) {
            return Ok(Node::Row(Arc::new(chance)));
        }
        if gauge::named(&rule.field.name).is_some() {
            return Ok(Node::Row(Arc::new(self.gauged(rule, not)?)));
        }
        if let Some(which) = SCORES.iter().position(|name| *name == rule.field.name) {
            let scores = scores.get_or_init(|| Arc::new(self.packed()));
            let pass = (0..=NONE)
                .map(|code| Ok(score_passes(rule, (which, code), self.at())? == Some(!not)));
            let pass = pass.collect::<Result<Vec<bool>>>()?;
            return Ok(Node::Row(Arc::new(Scores { scores: Arc::clone(scores), which, pass })));
        }
        plan::rule_node(rule, not, self.at(), &mut |field: &Field| mirror::place(&field.name))
    }

    fn gauged(&self, rule: &Rule, not: bool) -> Result<Gauged> {
        let holds = |amount: i64| -> Result<bool> {
            Ok(passes(rule, &Score(Some(amount), None), self.at())? == Some(!not))
        };
        let of_none = holds(0)?;
        let mut differs = Bits::default();
        for (person, amount) in self.sets.gauges.holders(&rule.field.name) {
            let place = usize::try_from(person).ok().and_then(|number| number.checked_sub(1));
            if let Some(place) = place
                && holds(amount)? != of_none
            {
                differs.insert(place);
            }
        }
        Ok(Gauged { of_none, differs })
    }

    /// Scores, stratum and stage of everybody, a byte each.
    fn packed(&self) -> Vec<[u8; 5]> {
        let pack = |place: usize| {
            let stage = self.stages.get(place).map_or(NONE, |stage| *stage as u8);
            match self.scores.get(place).copied().flatten() {
                None => [NONE, NONE, NONE, NONE, stage],
                Some(Scored { scores: [r, f, m], stratum }) => [r, f, m, stratum as u8, stage],
            }
        };
        (0..self.scores.len().max(self.stages.len())).map(pack).collect()
    }

    /// Whether a condition that is about all customers, or about what is sealed, holds for one of
    /// them.
    ///
    /// # Errors
    /// As [`Shop::count`].
    pub(super) async fn apart(&self, leaf: &Expr, number: i64) -> Result<Option<bool>> {
        let (ready, scores) = (self.prepare(leaf).await?, OnceCell::new());
        for held in [true, false] {
            let node = self.leaf(leaf, !held, &ready, &scores)?;
            if self.mirror.holds(&node, number) {
                return Ok(Some(held));
            }
        }
        Ok(None)
    }
}

/// What is known of every product: its number, and its category and brand.
pub(super) async fn products(cx: &Cx) -> Result<Vec<(i64, ProductRow)>> {
    let all = carts::products(cx).await?.into_iter();
    Ok(all.map(|product| (product.number, product.row)).collect())
}

/// The column that says whether a sealed value is there.
fn has(field: &Field) -> Option<usize> {
    match field.name.as_ref() {
        "phone" => mirror::place("has_phone"),
        "email" => mirror::place("has_email"),
        _ => None,
    }
}

/// The fields of RFM and of the lifecycle, as they are packed.
pub(super) const SCORES: [&str; 5] = ["r", "f", "m", "stratum", LIFECYCLE];

/// Whether a rule holds for a score, a stratum or a stage.
fn score_passes(rule: &Rule, (which, code): (usize, u8), at: At<'_>) -> Result<Option<bool>> {
    let code_of = usize::from(code);
    let values = match SCORES.get(which).copied() {
        Some("stratum") => Score(None, Stratum::ALL.get(code_of).map(|own| own.names().0)),
        Some(LIFECYCLE) => Score(None, Stage::ALL.get(code_of).map(|stage| stage.name())),
        _ => Score((code != NONE).then_some(i64::from(code)), None),
    };
    passes(rule, &values, at)
}

/// Whether a rule holds for a value.
fn passes(rule: &Rule, value: &Score, at: At<'_>) -> Result<Option<bool>> {
    one::row(&Expr::Rule(Box::new(rule.clone())), value, at)
}

/// The only value of a row: a number or a text.
struct Score(Option<i64>, Option<&'static str>);

impl one::Values for Score {
    fn number(&self, _: &str) -> Option<i64> {
        self.0
    }

    fn text(&self, _: &str) -> Option<std::borrow::Cow<'_, str>> {
        self.1.map(std::borrow::Cow::Borrowed)
    }

    fn truth(&self, _: &str) -> Option<bool> {
        None
    }

    fn fraction(&self, _: &str) -> Option<f64> {
        None
    }
}

/// Which scores, strata or stages pass.
#[derive(Debug)]
struct Scores {
    scores: Arc<Vec<[u8; 5]>>,
    which: usize,
    pass: Vec<bool>,
}

impl RowTest for Scores {
    fn holds(&self, row: usize) -> bool {
        let code = self.scores.get(row).and_then(|all| all.get(self.which)).copied();
        self.pass.get(usize::from(code.unwrap_or(NONE))) == Some(&true)
    }
}
