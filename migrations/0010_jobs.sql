create index job_shop on job (shop_id, kind, created_at);
