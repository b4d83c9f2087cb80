/** Operations that openapi.json does not describe yet, or describes in part. */
import type { Start, Page, ProductDetail, Upload, TailEvent, Certificate, Privacy } from "./shape";

export * from "./shape";

type None = undefined;
interface Op<Answer, Body = None> {
  answer: Answer;
  body: Body;
}

/** Method and path below `/api/v1`, and what goes in and comes out. */
export interface Draft {
  "GET /start": Op<Start>;
  "POST /customers/{customer_id}/erase": Op<
    { certificate: Certificate },
    { reason: string; confirm: string }
  >;
  "GET /products/{product_id}": Op<ProductDetail>;
  "POST /uploads": Op<Upload, Blob>;
  "GET /sources/tail": Op<Page<TailEvent>>;
  "GET /privacy": Op<Privacy>;
}
