//! Segments as answers show them.

use serde::{Deserialize, Serialize};
use stratify::segment::rule::{Cause, Group, Kind, State};
use stratify::segment::{Day, Moves, Version};
use utoipa::ToSchema;

use crate::http::api::micros;

/// People whom a move names at the most.
const NAMED_MAX: usize = 20;

/// How a segment comes by its members.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http::api) enum KindName {
    /// Whoever its conditions mean, at any time.
    Dynamic,
    /// Whoever they meant once.
    Frozen,
    /// Whoever was on a list.
    List,
}

impl From<Kind> for KindName {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Dynamic => Self::Dynamic,
            Kind::Frozen => Self::Frozen,
            Kind::List => Self::List,
        }
    }
}

/// How a segment stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http::api) enum StateName {
    /// Nobody counts on it yet.
    Draft,
    /// Who is in it is kept up to date.
    Active,
    /// It is as it was when it was put away.
    Archived,
}

impl From<State> for StateName {
    fn from(state: State) -> Self {
        match state {
            State::Draft => Self::Draft,
            State::Active => Self::Active,
            State::Archived => Self::Archived,
        }
    }
}

impl From<StateName> for State {
    fn from(state: StateName) -> Self {
        match state {
            StateName::Draft => Self::Draft,
            StateName::Active => Self::Active,
            StateName::Archived => Self::Archived,
        }
    }
}

/// A version of a segment's conditions.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct SegmentVersion {
    /// Its number, from 1 on.
    version: i64,
    /// The conditions.
    #[schema(value_type = Object)]
    expr: serde_json::Value,
    /// Who wrote them.
    author: String,
    /// When.
    #[schema(format = DateTime)]
    made_at: String,
}

impl SegmentVersion {
    pub(super) fn of(version: Version) -> Self {
        let Version { version, expr, author, at } = version;
        let expr = serde_json::from_str(&expr).unwrap_or_default();
        Self { version, expr, author, made_at: micros(at) }
    }
}

/// A day of a segment.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct SegmentDay {
    /// The local day.
    #[schema(format = Date)]
    day: String,
    /// How many entered.
    entered: i64,
    /// How many left.
    left: i64,
    /// Members at its end.
    size: i64,
}

impl SegmentDay {
    pub(super) fn of(day: Day) -> Self {
        let Day { day, entered, left, size } = day;
        Self { day: day.to_string(), entered, left, size }
    }
}

/// A field with the people of each of its values.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
pub(in crate::http::api) struct SegmentField {
    /// `gender`, `age_band` or `province`.
    field: String,
    /// The cells, by value; null where they may not be told.
    #[schema(required = true)]
    cells: Option<Vec<SegmentCell>>,
}

/// People who have the same value of a field.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct SegmentCell {
    /// The value; empty for those who have none.
    value: String,
    /// How many they are.
    customers: i64,
}

/// Who entered and left a segment at one moment.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct SegmentMoves {
    /// When; of a day that is over, its last moment.
    #[schema(format = DateTime)]
    moved_at: String,
    /// The local day.
    #[schema(format = Date)]
    day: String,
    /// The version of the conditions.
    version: i64,
    /// Who, and why.
    groups: Vec<MoveGroup>,
}

/// People who moved for one reason.
#[derive(Debug, Serialize, ToSchema)]
struct MoveGroup {
    /// Whether they entered; they left otherwise.
    entered: bool,
    /// Why: `begun`, `edited`, `changed`, `time` or `others`.
    cause: CauseName,
    /// Where the conditions stand in the expression that came to hold or ceased to.
    conditions: Vec<String>,
    /// How many.
    customers: i64,
    /// Some of them.
    some: Vec<String>,
}

/// Why somebody entered or left.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CauseName {
    /// The segment began.
    Begun,
    /// Its conditions were changed.
    Edited,
    /// Something changed about the customer.
    Changed,
    /// Time went by.
    Time,
    /// Others changed.
    Others,
}

impl From<Cause> for CauseName {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Begun => Self::Begun,
            Cause::Edited => Self::Edited,
            Cause::Changed => Self::Changed,
            Cause::Time => Self::Time,
            Cause::Others => Self::Others,
        }
    }
}

impl SegmentMoves {
    pub(super) fn of(moves: Moves) -> Self {
        let group = |group: Group| MoveGroup {
            entered: group.entered,
            cause: group.cause.into(),
            conditions: group.conditions,
            customers: i64::try_from(group.members.len()).unwrap_or(i64::MAX),
            some: group.members.iter().take(NAMED_MAX).map(|number| number.to_string()).collect(),
        };
        Self {
            moved_at: micros(moves.at),
            day: moves.day.to_string(),
            version: moves.version,
            groups: moves.groups.into_iter().map(group).collect(),
        }
    }
}
