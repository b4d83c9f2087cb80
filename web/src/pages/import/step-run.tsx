import { say } from "../../part/say";
import { useNavigate } from "@tanstack/react-router";
import { Button, Progress } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api } from "../../api/client";
import { useAct, useApi } from "../../api/hooks";
import { count } from "../../format";
import { ErrorBox, useErrorText } from "../../part/state";
import { Totals } from "./totals";
import type { Draft } from "./wizard";
import { orderOf } from "./wizard";

const POLL_MS = 700;

/** Tries the import out without keeping anything, says what it would bring, and runs it. */
export function RunStep({ draft, back }: { draft: Draft; back: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const trial = useTrial(draft);
  const run = useAct("POST /imports", ["GET /imports", "GET /jobs"], {
    onSuccess: ({ import_id: id }) => {
      if (id) void navigate({ to: "/imports/$importId", params: { importId: id } });
      else void navigate({ to: "/imports" });
    },
    onError: (error) => say.error(errorText(error)),
  });
  const { totals } = trial;
  return (
    <div className="stack wide">
      <p className="prose">{t("import.dry_run_how")}</p>
      {trial.error && <ErrorBox error={trial.error} again={trial.again} />}
      {!trial.error && !totals && (
        <div role="status">
          <Progress percent={trial.percent} aria-label={t("import.trying")} />
          <p className="soft">{t("import.trying")}</p>
        </div>
      )}
      {totals && <Totals totals={totals} />}
      <div className="row">
        <Button onClick={back}>{t("act.back")}</Button>
        <Button
          type="primary"
          disabled={!totals}
          loading={run.isPending}
          onClick={() => run.mutate({ body: { ...orderOf(draft), dry_run: false } })}
        >
          {totals ? t("import.run", { rows: count(totals.rows_accepted) }) : t("import.run_plain")}
        </Button>
      </div>
    </div>
  );
}

function useTrial(draft: Draft) {
  const [jobId, setJobId] = useState<string | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let current = true;
    setJobId(null);
    setFailed(null);
    api("POST /imports", { body: { ...orderOf(draft), dry_run: true } }).then(
      (answer) => current && setJobId(answer.job_id),
      (error: unknown) => current && setFailed(error),
    );
    return () => {
      current = false;
    };
  }, [draft, tries]);
  const job = useApi(
    "GET /jobs/{job_id}",
    { path: { job_id: jobId ?? "" } },
    {
      enabled: jobId !== null,
      refetchInterval: (query) => {
        const state = query.state.data?.state;
        return state === "running" || state === "waiting" || !state ? POLL_MS : false;
      },
    },
  );
  const ended = job.data?.state === "failed" || job.data?.state === "cancelled";
  return {
    totals: job.data?.state === "done" ? job.data.result : null,
    percent: job.data?.total ? Math.floor((job.data.done / job.data.total) * 100) : 0,
    error:
      failed ?? job.error ?? (ended ? new ApiError(0, "bad_input", job.data?.error ?? "") : null),
    again: () => setTries(tries + 1),
  };
}
