//! 权限: what somebody may do in a shop, and the roles that bundle it.

use std::fmt;

use base::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Something that one may do in a shop. The API, roles and keys name it by [`Permission::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Permission {
    CustomersRead,
    CustomersEdit,
    CustomersReveal,
    CustomersErase,
    OrdersRead,
    ProductsRead,
    EventsRead,
    RfmRead,
    RfmEdit,
    SegmentsRead,
    SegmentsWrite,
    BenefitsRead,
    BenefitsWrite,
    KpiRead,
    ImportsRead,
    ImportsWrite,
    SourcesRead,
    SourcesWrite,
    QueryRun,
    ExportsRun,
    StaffRead,
    StaffWrite,
    KeysRead,
    KeysWrite,
    ShopEdit,
    AuditRead,
    SystemRead,
}

/// Every permission with its name.
const ALL: [(Permission, &str); 27] = [
    (Permission::CustomersRead, "customers.read"),
    (Permission::CustomersEdit, "customers.edit"),
    (Permission::CustomersReveal, "customers.reveal"),
    (Permission::CustomersErase, "customers.erase"),
    (Permission::OrdersRead, "orders.read"),
    (Permission::ProductsRead, "products.read"),
    (Permission::EventsRead, "events.read"),
    (Permission::RfmRead, "rfm.read"),
    (Permission::RfmEdit, "rfm.edit"),
    (Permission::SegmentsRead, "segments.read"),
    (Permission::SegmentsWrite, "segments.write"),
    (Permission::BenefitsRead, "benefits.read"),
    (Permission::BenefitsWrite, "benefits.write"),
    (Permission::KpiRead, "kpi.read"),
    (Permission::ImportsRead, "imports.read"),
    (Permission::ImportsWrite, "imports.write"),
    (Permission::SourcesRead, "sources.read"),
    (Permission::SourcesWrite, "sources.write"),
    (Permission::QueryRun, "query.run"),
    (Permission::ExportsRun, "exports.run"),
    (Permission::StaffRead, "staff.read"),
    (Permission::StaffWrite, "staff.write"),
    (Permission::KeysRead, "keys.read"),
    (Permission::KeysWrite, "keys.write"),
    (Permission::ShopEdit, "shop.edit"),
    (Permission::AuditRead, "audit.read"),
    (Permission::SystemRead, "system.read"),
];

impl Permission {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        ALL.iter().find(|(own, _)| *own == self).map_or("", |(_, name)| name)
    }

    const fn bit(self) -> u32 {
        1 << self as u8
    }

    /// The permission of that code, as extractors carry it.
    pub(crate) fn of(code: u8) -> Option<Self> {
        ALL.iter().map(|(own, _)| *own).find(|own| *own as u8 == code)
    }
}

/// A set of permissions; in JSON a list of names.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Permissions(u32);

impl Permissions {
    /// Whether one is among them.
    pub(crate) fn has(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether all of `other` are among them.
    pub(crate) fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Their names, in the order of the list.
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        ALL.iter().filter(move |(own, _)| self.has(*own)).map(|(_, name)| *name)
    }

    /// From names.
    ///
    /// # Errors
    /// `bad_input` with the names that there are.
    pub(crate) fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut set = Self::default();
        for name in names {
            let found = ALL.iter().find(|(_, own)| *own == name);
            let (permission, _) = found.ok_or_else(|| {
                let known: Vec<&str> = ALL.iter().map(|(_, own)| *own).collect();
                Error::bad(format!("{name:?} is no permission"))
                    .field("permissions")
                    .hint(format!("there are: {}", known.join(", ")))
            })?;
            set.0 |= permission.bit();
        }
        Ok(set)
    }

    fn only(which: impl Fn(&str) -> bool) -> Self {
        let bits = ALL.iter().filter(|(_, name)| which(name)).map(|(own, _)| own.bit());
        Self(bits.fold(0, |set, bit| set | bit))
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Self::named(names.iter().map(String::as_str)).map_err(serde::de::Error::custom)
    }
}

/// The role that may do everything, and that a shop always has somebody in.
pub(crate) const OWNER: &str = "owner";

/// The roles that every shop has, with what they may do.
pub(crate) const ROLES: [&str; 5] = [OWNER, "operator", "analyst", "agent", "readonly"];

/// What a role that every shop has may do; none for any other name.
pub(crate) fn of_role(role: &str) -> Option<Permissions> {
    let reads = |name: &str| name.ends_with(".read");
    // Who works here, with which keys and what they did is not for everybody.
    let inner = |name: &str| matches!(name, "staff.read" | "keys.read" | "audit.read");
    let owners = |name: &str| matches!(name, "staff.write" | "keys.write" | "customers.erase");
    Some(match role {
        OWNER => Permissions::only(|_| true),
        "operator" => Permissions::only(|name| !owners(name)),
        "analyst" => Permissions::only(|name| {
            reads(name) && !inner(name)
                || matches!(name, "query.run" | "exports.run" | "rfm.edit" | "segments.write")
        }),
        "agent" => Permissions::only(|name| {
            matches!(
                name,
                "customers.read"
                    | "customers.edit"
                    | "customers.reveal"
                    | "orders.read"
                    | "products.read"
                    | "events.read"
                    | "segments.read"
                    | "benefits.read"
            )
        }),
        "readonly" => Permissions::only(|name| reads(name) && !inner(name)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_its_bit_and_its_name() {
        for (index, (permission, name)) in ALL.iter().enumerate() {
            assert_eq!(*permission as usize, index, "{name}");
            assert_eq!(Permission::of(*permission as u8), Some(*permission));
            assert_eq!(permission.name(), *name);
            let set = Permissions::named([*name]).unwrap();
            assert!(set.has(*permission));
            assert_eq!(set.names().collect::<Vec<_>>(), [*name]);
        }
        assert!(Permissions::named(["customers.sell"]).is_err());
        assert_eq!(Permission::of(200), None);
    }

    #[test]
    fn roles_are_as_they_are_named() {
        let of = |role| of_role(role).unwrap();
        assert!(ROLES.iter().all(|role| of("owner").covers(of(role))));
        assert!(!of("operator").has(Permission::CustomersErase));
        assert!(of("operator").has(Permission::ImportsWrite));
        assert!(of("agent").has(Permission::CustomersReveal));
        assert!(!of("agent").has(Permission::KpiRead));
        assert!(of("readonly").names().all(|name| name.ends_with(".read")));
        assert!(!of("analyst").has(Permission::AuditRead));
        assert!(of_role("baron").is_none());
    }
}
