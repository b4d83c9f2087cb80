//! A run of RFM: its report, what is stored of it, and movement between stored runs.

use base::{Date, Error, Result, Zone};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use store::{Cx, Tx, counter};

use super::rule::{AllCuts, Cell, Measures, Outcome, Scored, Stratum};
use super::{SETTING, Setting, measure, rule, sql};
use crate::mirror::Mirror;

/// Days ahead in which a buyer has to come back to be foretold.
const AHEAD_DAYS: i32 = 90;
/// Shares of customers whose share of the money is told.
const TOP_SHARES: [f64; 3] = [0.1, 0.2, 0.3];

/// What a run says, as `rfm --json` prints it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// The local day at whose end the measures are.
    pub as_of: String,
    /// Everyone who has paid for an order.
    pub customers: i64,
    /// Cut points.
    pub cuts: ShownCuts,
    /// Cells with somebody in them.
    pub matrix: Vec<Cell>,
    /// The eight strata in their order.
    pub strata: Vec<StratumRow>,
    /// What the best customers bring.
    pub top: Vec<TopRow>,
    /// Which measure told best, 90 days ago, who would buy until now.
    pub foretold: Option<Foretold>,
    /// By which rules.
    #[serde(default)]
    pub setting: Setting,
}

/// Cut points as people read them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ShownCuts {
    /// Local days.
    pub r: Vec<String>,
    /// Paid orders.
    pub f: [i64; 4],
    /// Minor units.
    pub m: [i64; 4],
}

/// A stratum.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StratumRow {
    /// Its code.
    pub stratum: String,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
    /// People.
    pub customers: i64,
    /// Share of all people.
    pub customer_share: f64,
    /// Their net money, minor units.
    pub net_minor: i64,
    /// Share of all net money.
    pub revenue_share: f64,
    /// People who were not in it in the stored run before.
    pub entered: i64,
    /// People who were, and are not any more.
    pub left: i64,
}

/// What the best customers bring.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TopRow {
    /// Share of customers, those with the most net money.
    pub share: f64,
    /// Their share of all net money.
    pub revenue_share: f64,
}

/// How well each measure told who would come back: the probability that one who did had the
/// greater value than one who did not; 0.5 is chance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Foretold {
    /// The day at whose end the measures were taken.
    pub as_of: String,
    /// Customers then.
    pub customers: i64,
    /// How many of them bought in the 90 days after.
    pub came_back: i64,
    /// Recency.
    pub r: f64,
    /// Frequency.
    pub f: f64,
    /// Money.
    pub m: f64,
    /// The best of the three: `r`, `f` or `m`.
    pub best: String,
}

/// A run with everyone's scores.
pub struct Run {
    /// What it says.
    pub report: Report,
    day: Date,
    cuts: AllCuts,
    members: Vec<RoaringBitmap>,
}

/// How the context's shop wants RFM to be.
///
/// # Errors
/// What the store reports.
pub async fn setting(cx: &Cx) -> Result<Setting> {
    store::setting::get(&mut cx.read().await?, SETTING).await
}

/// Runs RFM for the context's shop by the rules of `wish`, as of the end of `day`, or now.
///
/// # Errors
/// What the store reports; `bad_input` for a day out of range and for rules that make no sense.
pub async fn report(
    cx: &Cx,
    mirror: &Mirror,
    zone: &Zone,
    (day, wish): (Option<Date>, &Setting),
) -> Result<Run> {
    wish.check()?;
    let at = day.unwrap_or_else(|| zone.date(cx.now));
    let measures = measures(cx, mirror, zone, (day, wish)).await?;
    let mut tx = cx.read().await?;
    let fixed = wish.fixed.as_ref().map(|fixed| fixed.on(at));
    let outcome = rule::run(&measures, fixed, wish.high);
    let members = members(&measures, &outcome.scored);
    let before = before(&mut tx, at, &members).await?;
    let foretold = foretold(cx, zone, at, wish).await?;
    let report = Report {
        as_of: at.to_string(),
        customers: i64::try_from(measures.len()).unwrap_or(i64::MAX),
        cuts: ShownCuts {
            r: outcome.cuts.r.iter().map(|day| shown(*day)).collect(),
            f: outcome.cuts.f,
            m: outcome.cuts.m,
        },
        matrix: outcome.matrix.clone(),
        strata: strata(&outcome, &members, before.as_deref()),
        top: TOP_SHARES
            .iter()
            .map(|&share| TopRow { share, revenue_share: rule::top_share(&measures.money, share) })
            .collect(),
        foretold,
        setting: wish.clone(),
    };
    Ok(Run { report, day: at, cuts: outcome.cuts, members })
}

/// The members of the run to compare with: the last stored one, or where that is this very run, as
/// after an import, the one before.
async fn before(
    tx: &mut Tx,
    day: Date,
    now: &[RoaringBitmap],
) -> Result<Option<Vec<RoaringBitmap>>> {
    let mut before = None;
    for run in sql::last(tx, day, 2).await? {
        let members = open(&run.members)?;
        let same = members == now;
        before = Some(members);
        if !same {
            break;
        }
    }
    Ok(before)
}

/// The measures as of a day, or now: from the mirror where that knows all there is to know.
async fn measures(
    cx: &Cx,
    mirror: &Mirror,
    zone: &Zone,
    (day, wish): (Option<Date>, &Setting),
) -> Result<Measures> {
    let today = zone.date(cx.now);
    if (day, wish.window_days) == (None, None) {
        let measures = measure::now(mirror, zone, wish.recency);
        // An order with a time to come is none yet.
        if measures.recency.iter().all(|day| *day <= i64::from(today.0)) {
            return Ok(measures);
        }
    }
    Ok(measure::as_of(cx, zone, (day.unwrap_or(today), 0), wish).await?.0)
}

fn shown(day: i64) -> String {
    i32::try_from(day).map_or_else(|_| day.to_string(), |day| Date(day).to_string())
}

fn strata(
    outcome: &Outcome,
    members: &[RoaringBitmap],
    before: Option<&[RoaringBitmap]>,
) -> Vec<StratumRow> {
    let people = i128::try_from(outcome.scored.len()).unwrap_or(0);
    let row = |(index, stratum): (usize, &Stratum)| {
        let (customers, net_minor) = outcome.strata.get(index).copied().unwrap_or_default();
        let (code, name_zh, name_en) = stratum.names();
        let now = members.get(index);
        let then = before.and_then(|before| before.get(index));
        let moved = |a: Option<&RoaringBitmap>, b: Option<&RoaringBitmap>| match (a, b) {
            (Some(a), Some(b)) => i64::try_from(a.difference_len(b)).unwrap_or(i64::MAX),
            _ => 0,
        };
        StratumRow {
            stratum: code.to_owned(),
            name_zh: name_zh.to_owned(),
            name_en: name_en.to_owned(),
            customers,
            customer_share: rule::ratio(i128::from(customers), people),
            net_minor,
            revenue_share: rule::ratio(i128::from(net_minor), i128::from(outcome.net_minor)),
            entered: moved(now, then),
            left: moved(then, now),
        }
    };
    Stratum::ALL.iter().enumerate().map(row).collect()
}

/// The customer numbers of each stratum.
fn members(measures: &Measures, scored: &[Scored]) -> Vec<RoaringBitmap> {
    let mut members = vec![RoaringBitmap::new(); Stratum::ALL.len()];
    for (number, scored) in measures.customer.iter().zip(scored) {
        if let (Ok(number), Some(set)) =
            (u32::try_from(*number), members.get_mut(scored.stratum as usize))
        {
            set.insert(number);
        }
    }
    members
}

/// Format of stored members. A newer one is refused.
const VERSION: u8 = 1;

fn pack(members: &[RoaringBitmap]) -> Result<Vec<u8>> {
    let mut bytes = vec![VERSION];
    for set in members {
        set.serialize_into(&mut bytes)?;
    }
    Ok(bytes)
}

fn open(bytes: &[u8]) -> Result<Vec<RoaringBitmap>> {
    let damaged = || Error::damaged("a stored RFM run cannot be read");
    let (&version, mut rest) = bytes.split_first().ok_or_else(damaged)?;
    if version != VERSION {
        return Err(Error::new(base::Code::Unsupported, "a stored RFM run has a newer format")
            .hint("use a newer Shuke"));
    }
    let set =
        |_| RoaringBitmap::deserialize_from(&mut rest).map_err(|cause| damaged().because(cause));
    (0..Stratum::ALL.len()).map(set).collect()
}

/// Stores a run, to compare later ones with and to score by until the next; with `keep`, its
/// rules become the shop's.
///
/// # Errors
/// What the store reports.
pub async fn save(cx: &Cx, run: &Run, keep: bool) -> Result<()> {
    let failed = |cause| Error::internal("an RFM run could not be written", cause);
    let cuts = serde_json::to_string(&run.cuts).map_err(failed)?;
    let report = serde_json::to_string(&run.report).map_err(failed)?;
    let mut tx = cx.write().await?;
    let number = counter::take(&mut tx, "rfm_run", 1).await?;
    let what = (number, run.day, cx.now);
    sql::insert(&mut tx, what, (&cuts, &report), pack(&run.members)?).await?;
    if keep {
        let before: Setting = store::setting::get(&mut tx, SETTING).await?;
        store::setting::set(&mut tx, SETTING, &run.report.setting).await?;
        let text = |setting: &Setting| serde_json::to_string(setting).ok();
        let (before, after) = (text(&before), text(&run.report.setting));
        audit::write(&mut tx, cx, Deed { action: "rfm.set", target: "", before, after }).await?;
    }
    tx.commit().await
}

/// A stored run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stored {
    /// Its number within the shop.
    pub run_id: String,
    /// The local day at whose end its measures are.
    pub as_of: String,
}

/// The stored runs, the latest first, at most `limit`.
///
/// # Errors
/// What the store reports.
pub async fn runs(cx: &Cx, limit: i64) -> Result<Vec<Stored>> {
    let rows = sql::list(&mut cx.read().await?, limit).await?.into_iter();
    let stored =
        |(number, day): (i64, i64)| Stored { run_id: number.to_string(), as_of: shown(day) };
    Ok(rows.map(stored).collect())
}

/// People who were in one stratum at one run and in another, or in none, at the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// Code of the stratum before; none for those who had not paid for an order.
    pub from: Option<&'static str>,
    /// Code of the stratum after; none for those who are no customers with a paid order any more.
    pub to: Option<&'static str>,
    /// People.
    pub customers: i64,
}

/// How people moved from one stored run to another.
///
/// # Errors
/// `not_found` for a run that there is not.
pub async fn movement(cx: &Cx, (from, to): (i64, i64)) -> Result<Vec<Flow>> {
    let mut tx = cx.read().await?;
    let mut members = Vec::with_capacity(2);
    for (number, field) in [(from, "from"), (to, "to")] {
        let stored = sql::members(&mut tx, number).await?;
        let stored = stored.ok_or_else(|| Error::missing("there is no such run").field(field))?;
        members.push(open(&stored)?);
    }
    let [before, after] = members.as_slice() else { return Ok(Vec::new()) };
    Ok(flows(before, after))
}

fn flows(before: &[RoaringBitmap], after: &[RoaringBitmap]) -> Vec<Flow> {
    let name = |index: usize| Stratum::ALL.get(index).map(|stratum| stratum.names().0);
    let all = |sets: &[RoaringBitmap]| sets.iter().fold(RoaringBitmap::new(), |all, set| all | set);
    let (then, now) = (all(before), all(after));
    let count = |people: u64| i64::try_from(people).unwrap_or(i64::MAX);
    let mut flows = Vec::new();
    for (from, old) in before.iter().enumerate() {
        for (to, new) in after.iter().enumerate() {
            let customers = count(old.intersection_len(new));
            flows.push(Flow { from: name(from), to: name(to), customers });
        }
        flows.push(Flow { from: name(from), to: None, customers: count(old.difference_len(&now)) });
    }
    for (to, new) in after.iter().enumerate() {
        flows.push(Flow { from: None, to: name(to), customers: count(new.difference_len(&then)) });
    }
    flows.retain(|flow| flow.customers > 0);
    flows
}

/// Everyone's scores by place in the mirror, with the cuts of the last stored run, or with cuts
/// of their own when there is none.
///
/// # Errors
/// What the store reports.
pub async fn scores(cx: &Cx, mirror: &Mirror, zone: &Zone) -> Result<Vec<Option<Scored>>> {
    let mut tx = cx.read().await?;
    let wish: Setting = store::setting::get(&mut tx, SETTING).await?;
    let last = sql::last(&mut tx, zone.date(cx.now), 1).await?.into_iter().next();
    let cuts = last
        .map(|run| serde_json::from_str::<AllCuts>(&run.cuts))
        .transpose()
        .map_err(|cause| Error::damaged("a stored RFM run cannot be read").because(cause))?;
    let measures = measures(cx, mirror, zone, (None, &wish)).await?;
    let outcome = rule::run(&measures, cuts, wish.high);
    let rows = mirror.blocks().iter().map(lake::RecordBatch::num_rows).sum();
    let mut scores = vec![None; rows];
    for (number, scored) in measures.customer.iter().zip(outcome.scored) {
        let place = usize::try_from(*number - 1).unwrap_or(usize::MAX);
        if let Some(slot) = scores.get_mut(place) {
            *slot = Some(scored);
        }
    }
    Ok(scores)
}

async fn foretold(cx: &Cx, zone: &Zone, day: Date, wish: &Setting) -> Result<Option<Foretold>> {
    let then = Date(day.0.saturating_sub(AHEAD_DAYS));
    let (measures, back) = measure::as_of(cx, zone, (then, AHEAD_DAYS), wish).await?;
    let of = |values: &[i64]| rule::foretells(values, &back);
    let all = (of(&measures.recency), of(&measures.frequency), of(&measures.money));
    let (Some(r), Some(f), Some(m)) = all else { return Ok(None) };
    let best = [("r", r), ("f", f), ("m", m)]
        .into_iter()
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map_or("r", |(name, _)| name);
    Ok(Some(Foretold {
        as_of: then.to_string(),
        customers: i64::try_from(measures.len()).unwrap_or(i64::MAX),
        came_back: i64::try_from(back.iter().filter(|back| **back).count()).unwrap_or(0),
        r,
        f,
        m,
        best: best.to_owned(),
    }))
}
