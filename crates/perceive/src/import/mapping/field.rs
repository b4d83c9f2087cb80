//! The fields that a mapping can fill, and which records have them.

use serde::Deserialize;

use crate::clean::mask;
use crate::record::InteractionKind;

/// What a row of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A line of an order, with what the row says about the whole order.
    OrderLine,
    /// An order without its lines.
    Order,
    /// One of the payments of an order.
    Payment,
    /// A person.
    Customer,
    /// Identifiers that belong to one person.
    IdentityLink,
    /// A product.
    Product,
    /// A review.
    Review,
    /// A favourite.
    Favourite,
    /// A line of a conversation.
    Chat,
    /// A complaint.
    Complaint,
}

impl Kind {
    /// The interaction that rows of this kind are, if they are one.
    #[must_use]
    pub fn interaction(self) -> Option<InteractionKind> {
        match self {
            Self::Review => Some(InteractionKind::Review),
            Self::Favourite => Some(InteractionKind::Favourite),
            Self::Chat => Some(InteractionKind::Chat),
            Self::Complaint => Some(InteractionKind::Complaint),
            _ => None,
        }
    }

    /// The fields that rows of this kind have.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::OrderLine => ORDER_LINE,
            Self::Order => ORDER,
            Self::Payment => &[Field::Order, Field::Payment, Field::PaidAt, Field::Currency],
            Self::Customer => CUSTOMER,
            Self::IdentityLink => &[Field::UpdatedAt],
            Self::Product => PRODUCT,
            Self::Review | Self::Favourite | Self::Chat | Self::Complaint => INTERACTION,
        }
    }

    /// The name in a mapping.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OrderLine => "order_line",
            Self::Order => "order",
            Self::Payment => "payment",
            Self::Customer => "customer",
            Self::IdentityLink => "identity_link",
            Self::Product => "product",
            Self::Review => "review",
            Self::Favourite => "favourite",
            Self::Chat => "chat",
            Self::Complaint => "complaint",
        }
    }
}

macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident = $name:literal, $mask:ident;)*) => {
        /// A field of a record.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Field {
            $($(#[$doc])* $field,)*
        }

        impl Field {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$field,)*];

            /// The name in a mapping.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$field => $name,)* }
            }

            /// How its values are shown in rejects.
            #[must_use]
            pub fn mask(self) -> mask::Kind {
                match self { $(Self::$field => mask::Kind::$mask,)* }
            }
        }
    };
}

fields! {
    /// Number of the order or document.
    Order = "order", Plain;
    /// `order`, `refund` or `correction`.
    Kind = "kind", Plain;
    /// The order that a refund belongs to.
    OfOrder = "of_order", Plain;
    /// Status of the order.
    Status = "status", Plain;
    /// Time of ordering.
    PlacedAt = "placed_at", Plain;
    /// Time of payment.
    PaidAt = "paid_at", Plain;
    /// Time of sending.
    ShippedAt = "shipped_at", Plain;
    /// Time of receipt.
    ReceivedAt = "received_at", Plain;
    /// Time of closing.
    ClosedAt = "closed_at", Plain;
    /// Amount paid for the whole order.
    Paid = "paid", Plain;
    /// Amount of the whole order, whether it is paid or not.
    Total = "total", Plain;
    /// Amount of one payment.
    Payment = "payment", Plain;
    /// Amount given back.
    Refunded = "refunded", Plain;
    /// Postage of the whole order.
    Shipping = "shipping", Plain;
    /// Postage of the line.
    LineShipping = "line_shipping", Plain;
    /// Currency of the row, checked against the shop's.
    Currency = "currency", Plain;
    /// Where it was bought.
    Channel = "channel", Plain;
    /// Store.
    Store = "store", Plain;
    /// Country.
    Country = "country", Plain;
    /// First-level division.
    Province = "province", Plain;
    /// Second-level division.
    City = "city", Plain;
    /// An address that the region is read from.
    RegionText = "region_text", Other;
    /// Recipient.
    ContactName = "contact_name", Name;
    /// Recipient's phone.
    ContactPhone = "contact_phone", Phone;
    /// Recipient's address.
    ContactAddress = "contact_address", Other;
    /// Whether the order was made to try the shop out.
    Test = "test", Plain;
    /// Article number.
    Sku = "sku", Plain;
    /// Title.
    Title = "title", Plain;
    /// Pieces.
    Quantity = "quantity", Plain;
    /// Price of a piece.
    UnitPrice = "unit_price", Plain;
    /// Discount on the line, above zero.
    Discount = "discount", Plain;
    /// Money of the line.
    Amount = "amount", Plain;
    /// Time of the line.
    LineAt = "line_at", Plain;
    /// Name of the person.
    Name = "name", Name;
    /// Address of the person.
    Address = "address", Other;
    /// Gender.
    Gender = "gender", Plain;
    /// Age or band of ages.
    AgeBand = "age_band", Plain;
    /// Birthday.
    Birthday = "birthday", Other;
    /// When the person became known.
    RegisteredAt = "registered_at", Plain;
    /// When the row was last changed.
    UpdatedAt = "updated_at", Plain;
    /// Category; several columns are its levels.
    Category = "category", Plain;
    /// Brand.
    Brand = "brand", Plain;
    /// List price.
    Price = "price", Plain;
    /// Cost.
    Cost = "cost", Plain;
    /// Pieces in stock.
    Stock = "stock", Plain;
    /// When it was first shown.
    ListedAt = "listed_at", Plain;
    /// When it may first be bought.
    OnSaleAt = "on_sale_at", Plain;
    /// The source's id of what happened.
    ExternalId = "external_id", Plain;
    /// When it happened.
    At = "at", Plain;
    /// 1 to 5.
    Rating = "rating", Plain;
    /// What was said.
    Text = "text", Other;
    /// Who said it.
    Speaker = "speaker", Plain;
    /// The shop's agent.
    Agent = "agent", Plain;
    /// Subject or state, in the words of whoever wrote it.
    Topic = "topic", Other;
}

/// How many fields there are.
pub(super) const FIELDS: usize = Field::ALL.len();

/// What can be said about an order as a whole.
pub(super) const ORDER: &[Field] = &[
    Field::Order,
    Field::Kind,
    Field::OfOrder,
    Field::Status,
    Field::PlacedAt,
    Field::PaidAt,
    Field::ShippedAt,
    Field::ReceivedAt,
    Field::ClosedAt,
    Field::Paid,
    Field::Total,
    Field::Refunded,
    Field::Shipping,
    Field::Currency,
    Field::Channel,
    Field::Store,
    Field::Country,
    Field::Province,
    Field::City,
    Field::RegionText,
    Field::ContactName,
    Field::ContactPhone,
    Field::ContactAddress,
    Field::Test,
];

const ORDER_LINE: &[Field] = &[
    Field::Order,
    Field::Kind,
    Field::OfOrder,
    Field::Status,
    Field::PlacedAt,
    Field::PaidAt,
    Field::ShippedAt,
    Field::ReceivedAt,
    Field::ClosedAt,
    Field::Paid,
    Field::Total,
    Field::Refunded,
    Field::Shipping,
    Field::LineShipping,
    Field::Currency,
    Field::Channel,
    Field::Store,
    Field::Country,
    Field::Province,
    Field::City,
    Field::RegionText,
    Field::ContactName,
    Field::ContactPhone,
    Field::ContactAddress,
    Field::Test,
    Field::Sku,
    Field::Title,
    Field::Quantity,
    Field::UnitPrice,
    Field::Discount,
    Field::Amount,
    Field::LineAt,
];

const CUSTOMER: &[Field] = &[
    Field::Name,
    Field::Address,
    Field::Country,
    Field::Province,
    Field::City,
    Field::RegionText,
    Field::Gender,
    Field::AgeBand,
    Field::Birthday,
    Field::RegisteredAt,
    Field::UpdatedAt,
];

const PRODUCT: &[Field] = &[
    Field::Sku,
    Field::Title,
    Field::Category,
    Field::Brand,
    Field::Price,
    Field::Cost,
    Field::Stock,
    Field::ListedAt,
    Field::OnSaleAt,
    Field::UpdatedAt,
    Field::Currency,
];

const INTERACTION: &[Field] = &[
    Field::ExternalId,
    Field::At,
    Field::Order,
    Field::Sku,
    Field::Rating,
    Field::Text,
    Field::Speaker,
    Field::Agent,
    Field::Topic,
];
