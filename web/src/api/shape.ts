/** What the operations take and give, by the names that pages use. */
import type { components } from "./schema";

type Schemas = components["schemas"];
export type StratumName = Schemas["StratumName"];
export type RfmReport = Schemas["RfmReport"];
export type RfmSetting = Schemas["RfmSetting"];
export type RfmRun = Schemas["RfmRun"];
export type Flow = Schemas["RfmFlow"];
export type Customer = Schemas["Customer"];
export type Profile = Schemas["Profile"];
export type Personal = Schemas["PersonalShown"];
export type Touch = Schemas["TouchShown"];
export type CartLine = Schemas["CartShown"];
export type Happening = Schemas["Happening"];
export type Merge = Schemas["MergeShown"];
export type MergePreview = Schemas["MergePreview"];
export type Order = Schemas["Order"];
export type OrderWhole = Schemas["OrderWhole"];
export type Product = Schemas["Product"];
export type Kpi = Schemas["KpiReport"];
export type KpiDay = Schemas["KpiDay"];
export type FigureName = keyof Schemas["KpiFigures"];
export type Todo = Schemas["TodoShown"];
export type ShopState = Schemas["ShopState"];
export type SystemState = Schemas["SystemState"];
export type Session = Schemas["SignedIn"];
export type MyShop = Schemas["OwnShop"];
export type NewShop = Schemas["ShopForm"];
export type Start = Schemas["Start"];
export type LinkInfo = Schemas["LinkShown"];
export type SeatInfo = Schemas["OwnSession"];
export type Source = Schemas["SourceShown"];
export type QueryAnswer = Schemas["QueryAnswer"];
export type Staff = Schemas["Staff"];
export type Role = Schemas["RoleShown"];
export type ApiKey = Schemas["Key"];
export type AuditEntry = Schemas["Audit"];

export interface Page<T> {
  data: T[];
  next: string | null;
  total?: number | null;
}

export type Permission =
  | "customers.read"
  | "customers.edit"
  | "customers.reveal"
  | "customers.erase"
  | "orders.read"
  | "products.read"
  | "events.read"
  | "rfm.read"
  | "rfm.edit"
  | "segments.read"
  | "segments.write"
  | "benefits.read"
  | "benefits.write"
  | "kpi.read"
  | "imports.read"
  | "imports.write"
  | "sources.read"
  | "sources.write"
  | "query.run"
  | "exports.run"
  | "staff.read"
  | "staff.write"
  | "keys.read"
  | "keys.write"
  | "shop.edit"
  | "audit.read"
  | "system.read";

export type Job = Schemas["JobShown"];

export type ProductWhole = Schemas["ProductWhole"];

export type Mapping = Schemas["MappingShown"];
export type Upload = Schemas["UploadShown"];
export type UploadColumn = Upload["columns"][number];
export type ImportOrder = Schemas["ImportForm"];
export type PhraseReading = Schemas["PhraseReading"];
export type Preview = Schemas["PreviewShown"];
export type ImportRecord = Schemas["ImportShown"];
export type Totals = Schemas["Totals"];

export type TailEvent = Schemas["TailEvent"];

export type Certificate = Schemas["CertificateShown"];
export type PrivacySetting = Schemas["PrivacyShown"];

export type Segment = Schemas["SegmentShown"];
export type SegmentWhole = Schemas["SegmentWhole"];
export type SegmentDay = Schemas["SegmentDay"];
export type SegmentMoves = Schemas["SegmentMoves"];
export type EarnRule = Schemas["EarnRule"];
export type TagBatch = Schemas["TagBatch"];
export type Mover = Schemas["Mover"];
export type ReadySegment = Schemas["ReadySegment"];
export type Tier = Schemas["TierShown"];
export type Coupon = Schemas["CouponShown"];
export type CouponBatch = Schemas["CouponBatch"];
export type CouponCode = Schemas["CouponCode"];
export type CouponFound = Schemas["CouponFound"];
export type Promotion = Schemas["PromotionShown"];
export type PromotionForm = Schemas["PromotionForm"];
export type Stage = Schemas["StackingStage"];
/** Answers say all of it; requests may leave out what is usual. */
export type Stacking = Omit<Required<Schemas["StackingRules"]>, "apart" | "cash"> & {
  apart: [Stage, Stage][];
  cash: Cash | null;
};
export type Cash = Schemas["StackingCash"];
export type Quote = Schemas["QuoteShown"];
export type QuoteForm = Schemas["QuoteForm"];
export type QuoteGift = Schemas["QuoteGift"];
export type QuoteOffer = Schemas["QuoteOffer"];
export type QuoteStep = Schemas["QuoteStep"];
export type QuoteMiss = Schemas["QuoteMiss"];
export type QuoteUnused = Schemas["QuoteUnused"];
export type Reward = Schemas["RewardShown"];
export type RewardForm = Schemas["RewardForm"];
export type Exchange = Schemas["ExchangeShown"];
export type CheckoutRow = Schemas["CheckoutRow"];
export type CheckoutShown = Schemas["CheckoutShown"];
export type CheckoutBack = Schemas["CheckoutBack"];
export type PlanOfTiers = Schemas["TierPlan"];
export type PlanForeseen = Schemas["PlanForeseen"];
export type CustomerTier = Schemas["CustomerTier"];
export type Holding = Schemas["HoldingShown"];
export type Transfer = Schemas["TransferShown"];
export type Liability = Schemas["LiabilityShown"];
export type Policy = Schemas["PolicyForm"];
export type Adjustment = Schemas["AdjustmentShown"];
export type UnitName = Schemas["UnitName"];
export type Activity = Schemas["ActivityShown"];
export type Tag = Schemas["TagShown"];
export type NamedBy = Schemas["NamedBy"];
export type Words = Schemas["Words"];
export type FieldWord = Schemas["FieldWord"];
export type Reason = Schemas["ReasonShown"];
export type ComparisonSide = Schemas["ComparisonSide"];
export type PreferenceReport = Schemas["PreferenceReport"];
export type PreferenceMarked = Schemas["PreferenceMarked"];
export type PreferenceLiking = Schemas["PreferenceLiking"];
export type CustomerPreferences = Schemas["CustomerPreferences"];
export type PositioningMeasured = Schemas["PositioningMeasured"];
export type PositioningReport = Schemas["PositioningReport"];
export type PositioningForm = Schemas["PositioningForm"];
export type PositioningDeclared = Schemas["PositioningDeclared"];
export type CustomerRelations = Schemas["CustomerRelations"];
export type Related = Schemas["Related"];
export type Consent = Schemas["ConsentShown"];
export type GuidanceLine = Schemas["GuidanceLine"];
export type Lifecycle = Schemas["LifecycleReport"];
export type LifecycleSetting = Schemas["LifecycleSetting"];
