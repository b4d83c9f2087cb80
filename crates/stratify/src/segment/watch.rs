//! Keeping active segments up to date: who is in them as the shop's customers change and time goes
//! by.
//!
//! What is looked at is what may have changed: the rows of the mirror that did, and where the
//! answer depends on more, everybody. Everything is written down with what it makes known, so
//! whoever stops in between goes on from there.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Result, Time, Zone};
use lake::mask::Node;
use perceive::identity;
use perceive::privacy::Privacy;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use store::log::{self, Fact, topic};
use store::{Cx, counter};

use super::rule::{self, Cause, Group};
use super::{Day, Segment, changes, list, sql, stored};
use crate::audience;
use crate::expr::whole::{Compiled, Shop};
use crate::expr::{Expr, Needs, Sets};
use crate::mirror::{Mirror, Picked};
use crate::roster::{self, Kind as Roster, Rosters};

/// The kind of facts that say who entered a segment.
pub const ENTERED_FACT: &str = "segment.entered";
/// The kind of facts that say who left one.
pub const LEFT_FACT: &str = "segment.left";
/// How often what depends on the time, or on everybody, is looked at again, in microseconds.
const EVERY_MICROS: i64 = 30 * 1_000_000;
/// People whose reasons are looked up at one moment; more move for one reason, mostly.
const REASONS_MAX: u64 = 10_000;

/// What a fact says: who moved.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Told {
    /// The segment.
    pub segment: i64,
    /// The version of its conditions.
    pub version: i64,
    /// The numbers of the customers, as a roaring bitmap is serialised.
    pub members: ByteBuf,
}

/// A condition with the place where it stands.
type Leaf = (String, Node);

/// A segment that is kept up to date.
struct Kept {
    number: i64,
    version: i64,
    expr: Expr,
    needs: Needs,
    members: Arc<RoaringBitmap>,
    /// The conditions as they were when they were last looked at; nothing before.
    before: Vec<Leaf>,
    /// The version that the members are by.
    counted: Option<i64>,
    looked_at: Option<Time>,
}

/// The segments of a shop that are kept up to date.
#[derive(Default)]
pub struct Watch {
    /// The last change of what they are.
    changes: i64,
    kept: BTreeMap<i64, Kept>,
    /// In an order in which each comes after those that it names.
    order: Vec<i64>,
    /// Those that are not kept, but that others name.
    named: BTreeMap<i64, Arc<RoaringBitmap>>,
    /// The customers as they were when they were last looked at.
    mirror: Option<Mirror>,
    /// What the shop keeps to itself.
    privacy: Privacy,
    /// The last changes of who is in which roster and of who is whom, and whether somebody is in
    /// another one since segments were looked at.
    listed: ((i64, i64), bool),
    rosters: Rosters,
}

/// What a turn did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turn {
    /// Segments that were looked at.
    pub looked: usize,
    /// Segments that somebody entered or left.
    pub moved: usize,
}

impl Watch {
    /// Whether there is anything to keep up to date; reads what segments are where that changed.
    ///
    /// # Errors
    /// What the store reports.
    pub async fn refresh(&mut self, cx: &Cx) -> Result<bool> {
        let mut tx = cx.read().await?;
        let now = changes(&mut tx).await?;
        let listed = (roster::changes(&mut tx).await?, identity::moves(&mut tx).await?);
        drop(tx);
        let edited = now != self.changes;
        if edited {
            self.read(cx).await?;
            self.changes = now;
        }
        if edited || listed != self.listed.0 {
            let named = self.kept.values().flat_map(|kept| kept.needs.rosters.iter().copied());
            let rosters = roster::sets(cx, &named.collect()).await?;
            self.listed = (listed, self.listed.1 || edited || rosters != self.rosters);
            self.rosters = rosters;
        }
        Ok(!self.kept.is_empty())
    }

    /// Whether scores, stages or orders are needed.
    #[must_use]
    pub fn needs(&self) -> Needs {
        let mut all = Needs::default();
        for kept in self.kept.values() {
            all.scores |= kept.needs.scores;
            all.history |= kept.needs.history;
            all.carts |= kept.needs.carts;
            all.others |= kept.needs.others;
            all.gauges.extend(&kept.needs.gauges);
        }
        all
    }

    async fn read(&mut self, cx: &Cx) -> Result<()> {
        let all = list(cx).await?;
        self.privacy = audience::privacy(cx).await?;
        let names: BTreeMap<i64, _> =
            all.iter().map(|segment| (segment.number, segment.names())).collect();
        let order = rule::in_order(&names);
        let by_number: BTreeMap<i64, &Segment> =
            all.iter().map(|segment| (segment.number, segment)).collect();
        let kept: Vec<&Segment> = order
            .iter()
            .filter_map(|number| by_number.get(number).copied())
            .filter(|segment| segment.is_kept())
            .collect();
        self.kept.retain(|number, own| {
            kept.iter().any(|segment| segment.number == *number && segment.version == own.version)
        });
        for segment in &kept {
            if self.kept.contains_key(&segment.number) {
                continue;
            }
            match segment.expr() {
                Ok(Some(expr)) => {
                    let members = stored(&mut cx.read().await?, segment).await?;
                    self.kept.insert(segment.number, Kept::of(segment, expr, members));
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(shop = cx.shop.0, segment = segment.number,
                        error = %error.chain(), "a segment's conditions make no sense any more");
                }
            }
        }
        self.order = kept.iter().map(|segment| segment.number).collect();
        self.named.clear();
        for number in self.kept.values().flat_map(|kept| &kept.needs.segments) {
            if let Some(segment) = by_number.get(number).filter(|segment| !segment.is_kept()) {
                let members = stored(&mut cx.read().await?, segment).await?;
                self.named.insert(*number, Arc::new(members));
            }
        }
        Ok(())
    }

    /// Looks at every segment whose answer may have changed. Of its sets `shop` has gauges only:
    /// the others are those that are kept here.
    ///
    /// # Errors
    /// What the store or the lake reports; segments before the one that failed are done.
    pub async fn turn(&mut self, shop: &Shop<'_>) -> Result<Turn> {
        let since = self.mirror.as_ref().map(|before| shop.mirror.changed_since(before));
        let (changed, touched) = since.unwrap_or_default();
        let before = self.mirror.as_ref().map(|before| before.pick(&changed)).transpose()?;
        let (before, now) = (before.unwrap_or_default(), shop.mirror.pick(&changed)?);
        let changed = Changed { people: changed, before, now };
        let mut turn = Turn::default();
        let mut moved: BTreeMap<i64, RoaringBitmap> = BTreeMap::new();
        for number in self.order.clone() {
            let Some(kept) = self.kept.get(&number) else { continue };
            let listed = self.listed.1 && !kept.needs.rosters.is_empty();
            let due = kept.due((&changed.people, touched), &moved, shop.cx.now);
            let Some(rows) = due.or_else(|| listed.then_some(Rows::Everybody)) else { continue };
            let rows = if listed { Rows::Everybody } else { rows };
            turn.looked += 1;
            let sets = Sets { gauges: shop.sets.gauges.clone(), ..self.sets(&kept.needs) };
            let shop = Shop { sets: &sets, ..*shop };
            let before = self.mirror.as_ref();
            let Some(kept) = self.kept.get_mut(&number) else { continue };
            let all = kept.look(&shop, (rows, &changed), before).await?;
            if !all.is_empty() {
                turn.moved += 1;
                moved.insert(number, all);
            }
        }
        self.mirror = Some(shop.mirror.clone());
        self.listed.1 = false;
        Ok(turn)
    }

    fn sets(&self, needs: &Needs) -> Sets {
        let of = |number: &i64| {
            let kept = self.kept.get(number).map(|kept| &kept.members);
            let members = kept.or_else(|| self.named.get(number))?;
            Some((*number, Arc::clone(members)))
        };
        let segments = needs.segments.iter().filter_map(of).collect();
        let (privacy, rosters) = (self.privacy.clone(), self.rosters.clone());
        Sets { segments, privacy, rosters, ..Sets::default() }
    }
}

/// Customers whose rows have changed.
struct Changed {
    people: RoaringBitmap,
    /// Their rows as they were.
    before: Picked,
    /// Their rows as they are.
    now: Picked,
}

/// The rows that are to be looked at.
enum Rows {
    Everybody,
    /// Those that changed.
    Changed,
    These(RoaringBitmap),
}

impl Kept {
    fn of(segment: &Segment, expr: Expr, members: RoaringBitmap) -> Self {
        Self {
            number: segment.number,
            version: segment.version,
            needs: Needs::of(&expr),
            expr,
            members: Arc::new(members),
            before: Vec::new(),
            counted: segment.counted_version,
            looked_at: None,
        }
    }

    /// Who is to be looked at, if anybody.
    fn due(
        &self,
        (changed, touched): (&RoaringBitmap, bool),
        moved: &BTreeMap<i64, RoaringBitmap>,
        now: Time,
    ) -> Option<Rows> {
        let Some(looked_at) = self.looked_at else { return Some(Rows::Everybody) };
        let Needs { now: clock, history, scores, others, ref gauges, .. } = self.needs;
        let moves = clock || history || scores || others || !gauges.is_empty();
        let again = looked_at.plus(EVERY_MICROS) <= now;
        if again && moves || touched && history {
            return Some(Rows::Everybody);
        }
        let mut others = self.needs.segments.iter().filter_map(|named| moved.get(named)).peekable();
        if others.peek().is_none() {
            return (!changed.is_empty()).then_some(Rows::Changed);
        }
        Some(Rows::These(others.fold(changed.clone(), |all, set| all | set)))
    }

    /// Looks at rows; who entered or left.
    async fn look(
        &mut self,
        shop: &Shop<'_>,
        (rows, changed): (Rows, &Changed),
        before: Option<&Mirror>,
    ) -> Result<RoaringBitmap> {
        let Compiled { node, leaves } = shop.compiled(&self.expr).await?;
        let now = match &rows {
            Rows::Everybody => shop.mirror.members(&node, shop.threads),
            Rows::Changed if !node.asks_where() => {
                (&*self.members - &changed.people) | changed.now.members(&node)
            }
            Rows::Changed => self.among(shop.mirror, &node, &changed.people),
            Rows::These(rows) => self.among(shop.mirror, &node, rows),
        };
        let (entered, left) = (&now - &*self.members, &*self.members - &now);
        let all = &entered | &left;
        let begins = self.counted != Some(self.version);
        if !all.is_empty() || begins {
            let why = Why {
                leaves: (&self.before, &leaves),
                mirrors: (before, shop.mirror),
                changed,
                among_changed: matches!(rows, Rows::Changed),
                needs: &self.needs,
                all: match (begins, self.counted) {
                    (true, None) => Some(Cause::Begun),
                    (true, Some(_)) => Some(Cause::Edited),
                    _ => None,
                },
            };
            let turned = why.turned(&all);
            let mut groups = why.groups(true, (&entered, &turned));
            groups.extend(why.groups(false, (&left, &turned)));
            let moves = Moving { entered, left, now: &now, all: &all, groups };
            if !self.write(shop.cx, shop.zone, moves).await? {
                return Ok(RoaringBitmap::new());
            }
            self.counted = Some(self.version);
        }
        self.members = Arc::new(now);
        (self.before, self.looked_at) = (leaves, Some(shop.cx.now));
        Ok(all)
    }

    /// Its members, of whom these are looked at again.
    fn among(&self, mirror: &Mirror, node: &Node, rows: &RoaringBitmap) -> RoaringBitmap {
        (&*self.members - rows) | mirror.members_among(node, rows)
    }

    /// Writes down who entered and left; not if the segment is another by now.
    async fn write(&self, cx: &Cx, zone: &Zone, moves: Moving<'_>) -> Result<bool> {
        let count = |set: &RoaringBitmap| i64::try_from(set.len()).unwrap_or(i64::MAX);
        let size = count(moves.now);
        let mut tx = cx.write().await?;
        if !sql::counted(&mut tx, (self.number, self.version), (size, cx.now)).await? {
            return Ok(false);
        }
        if moves.all.is_empty() {
            return tx.commit().await.map(|()| true);
        }
        let key = (Roster::Segment, self.number);
        roster::put(&mut tx, key, (moves.now, moves.all)).await?;
        let day = zone.date(cx.now);
        let row = sql::Moved {
            move_no: counter::take(&mut tx, "segment_move", 1).await?,
            day: i64::from(day.0),
            moved_at: cx.now.micros(),
            version: self.version,
            moves: rule::pack(&moves.groups)?,
        };
        sql::add_move(&mut tx, self.number, row).await?;
        let (entered, left) = (count(&moves.entered), count(&moves.left));
        sql::add_to_day(&mut tx, self.number, &Day { day, entered, left, size }).await?;
        let mut facts = Vec::with_capacity(2);
        for (kind, members) in [(ENTERED_FACT, &moves.entered), (LEFT_FACT, &moves.left)] {
            if members.is_empty() {
                continue;
            }
            let members = ByteBuf::from(roster::rule::bytes(members)?);
            let told = Told { segment: self.number, version: self.version, members };
            let body = postcard::to_stdvec(&told)
                .map_err(|cause| base::Error::internal("a fact could not be written", cause))?;
            facts.push(Fact { kind: kind.to_owned(), at: cx.now, body });
        }
        log::append(&mut tx, cx, topic::DOMAIN, &facts).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Who moves.
struct Moving<'a> {
    entered: RoaringBitmap,
    left: RoaringBitmap,
    now: &'a RoaringBitmap,
    all: &'a RoaringBitmap,
    groups: Vec<Group>,
}

/// Where reasons are looked for.
struct Why<'a> {
    /// Conditions before and now.
    leaves: (&'a [Leaf], &'a [Leaf]),
    /// Customers before and now.
    mirrors: (Option<&'a Mirror>, &'a Mirror),
    /// Who changed in between.
    changed: &'a Changed,
    /// Whether nobody else moves.
    among_changed: bool,
    needs: &'a Needs,
    /// The reason of everybody, where there is one.
    all: Option<Cause>,
}

impl Why<'_> {
    /// People who moved, by reason; `turned` says whose conditions did.
    fn groups(
        &self,
        entered: bool,
        (people, turned): (&RoaringBitmap, &[RoaringBitmap]),
    ) -> Vec<Group> {
        if people.is_empty() {
            return Vec::new();
        }
        if let Some(cause) = self.all {
            let members = people.clone();
            return vec![Group { entered, cause, conditions: Vec::new(), members }];
        }
        let mut by_reason: BTreeMap<(Cause, Vec<usize>), RoaringBitmap> = BTreeMap::new();
        for number in people {
            let cause = match self.changed.people.contains(number) {
                true => Cause::Changed,
                false if self.needs.now => Cause::Time,
                false if self.needs.history => Cause::Changed,
                false => Cause::Others,
            };
            let conditions = turned.iter().enumerate().filter(|(_, who)| who.contains(number));
            let conditions = conditions.map(|(index, _)| index).collect();
            by_reason.entry((cause, conditions)).or_default().insert(number);
        }
        let name = |index: usize| self.leaves.1.get(index).map(|(at, _)| at.clone());
        let group = |((cause, conditions), members): ((Cause, Vec<usize>), RoaringBitmap)| {
            let conditions = conditions.into_iter().filter_map(name).collect();
            Group { entered, cause, conditions, members }
        };
        by_reason.into_iter().map(group).collect()
    }

    /// Of each condition, those of some people for whom it holds now and did not, or did and does
    /// not; of none where they are too many, or all moved for one reason.
    fn turned(&self, people: &RoaringBitmap) -> Vec<RoaringBitmap> {
        let Some(mirror) = self.mirrors.0 else { return Vec::new() };
        if self.all.is_some() || people.len() > REASONS_MAX {
            return Vec::new();
        }
        let of = |((_, before), (_, now)): (&Leaf, &Leaf)| {
            if self.among_changed && !before.asks_where() && !now.asks_where() {
                let both = (self.changed.before.members(before), self.changed.now.members(now));
                return (both.0 ^ both.1) & people;
            }
            let turned = |number: &u32| {
                let number = i64::from(*number);
                mirror.holds(before, number) != self.mirrors.1.holds(now, number)
            };
            people.iter().filter(turned).collect()
        };
        self.leaves.0.iter().zip(self.leaves.1).map(of).collect()
    }
}
