import { Select } from "antd";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Flow, RfmRun } from "../../api/shape";
import { useApi } from "../../api/hooks";
import { count, share } from "../../format";
import { Chart } from "../../part/chart";
import { Asked, BlockSkeleton, Empty } from "../../part/state";
import { STRATA } from "../../part/value";
import type { Tokens } from "../../theme";
import { useUrl } from "../../url";

/** Who moved between the groups from one stored run to another. */
export function Movement() {
  const { t } = useTranslation();
  const runs = useApi("GET /rfm/runs");
  return (
    <Asked query={runs} what={t("rfm.movement")} skeleton={<BlockSkeleton height={420} />}>
      {(data) =>
        data.length < 2 ? (
          <Empty title={t("rfm.movement_none")} why={t("rfm.movement_none_why")} />
        ) : (
          <Between runs={data} />
        )
      }
    </Asked>
  );
}

function Between({ runs }: { runs: RfmRun[] }) {
  const { t } = useTranslation();
  const [search, change] = useUrl();
  const sorted = useMemo(() => [...runs].sort((a, b) => b.as_of.localeCompare(a.as_of)), [runs]);
  const to = sorted.find((run) => run.run_id === search.to) ?? sorted[0];
  const from = sorted.find((run) => run.run_id === search.from) ?? sorted[1];
  const query = { from: from?.run_id, to: to?.run_id };
  const movement = useApi(
    "GET /rfm/movement",
    { query },
    { enabled: Boolean(from && to), keep: true },
  );
  // More than one run of a day are told apart by their numbers.
  const again = (run: RfmRun) => sorted.filter((one) => one.as_of === run.as_of).length > 1;
  const options = sorted.map((run) => ({
    value: run.run_id,
    label: again(run) ? t("rfm.run_of_day", { day: run.as_of, run: run.run_id }) : run.as_of,
  }));
  const picker = (
    <div className="row">
      <Select
        size="small"
        popupMatchSelectWidth={false}
        value={from?.run_id ?? null}
        options={options}
        aria-label={t("rfm.from_run")}
        onChange={(value) => change({ from: value }, { replace: true })}
      />
      <span aria-hidden="true">→</span>
      <Select
        size="small"
        popupMatchSelectWidth={false}
        value={to?.run_id ?? null}
        options={options}
        aria-label={t("rfm.to_run")}
        onChange={(value) => change({ to: value }, { replace: true })}
      />
    </div>
  );
  return (
    <Asked query={movement} what={t("rfm.movement")} skeleton={<BlockSkeleton height={420} />}>
      {(data) => <Flows flows={data} picker={picker} />}
    </Asked>
  );
}

/** A group's colour tells whether it matters most, needs somebody, or neither. */
function colorOf(name: string | null, tokens: Tokens): string {
  if (name === "key_rescue" || name === "key_retain") return tokens.attention;
  return name?.startsWith("key_") ? tokens.accent : tokens.bar;
}

function Flows({ flows, picker }: { flows: Flow[]; picker: React.ReactNode }) {
  const { t } = useTranslation();
  const title = (name: string | null, side: "from" | "to") =>
    name ? t(`stratum.${name}`) : t(side === "from" ? "rfm.newly" : "rfm.gone");
  const all = flows.reduce((sum, flow) => sum + flow.customers, 0);
  const stayed = flows
    .filter((flow) => flow.from === flow.to)
    .reduce((sum, flow) => sum + flow.customers, 0);

  const option = useCallback(
    (tokens: Tokens) => {
      const names = [...STRATA, null];
      const used = (side: "from" | "to", name: string | null) =>
        flows.some((flow) => flow[side] === name && flow.customers > 0);
      const node = (side: "from" | "to") => (name: string | null) => ({
        name: `${side}:${name ?? ""}`,
        itemStyle: { color: colorOf(name, tokens) },
        label: { position: side === "from" ? "right" : "left" },
      });
      const label = (id: string) => {
        const [side, name] = id.split(":") as ["from" | "to", string];
        return title(name || null, side);
      };
      return {
        tooltip: {
          trigger: "item",
          formatter: (p: {
            dataType: string;
            name: string;
            value: number;
            data: { source: string; target: string };
          }) =>
            p.dataType === "edge"
              ? `${label(p.data.source)} → ${label(p.data.target)}: ${count(p.value)}`
              : `${label(p.name)}: ${count(p.value)}`,
        },
        series: [
          {
            type: "sankey",
            left: 4,
            right: 4,
            top: 8,
            bottom: 8,
            nodeWidth: 12,
            nodeGap: 10,
            layoutIterations: 0,
            draggable: false,
            data: [
              ...names.filter((name) => used("from", name)).map(node("from")),
              ...names.filter((name) => used("to", name)).map(node("to")),
            ],
            links: flows
              .filter((flow) => flow.customers > 0)
              .map((flow) => ({
                source: `from:${flow.from ?? ""}`,
                target: `to:${flow.to ?? ""}`,
                value: flow.customers,
                lineStyle: {
                  color: colorOf(flow.from, tokens),
                  opacity: flow.from === flow.to ? 0.16 : 0.4,
                },
              })),
            label: {
              color: tokens.ink,
              fontSize: 12,
              formatter: (p: { name: string }) => label(p.name),
            },
            emphasis: { focus: "adjacency" },
          },
        ],
      };
    },
    [flows, t],
  );

  const moved = [...flows].sort((a, b) => b.customers - a.customers);
  return (
    <Chart
      name="rfm-movement"
      more
      height={440}
      option={option}
      extra={picker}
      title={t("rfm.stayed", { share: share(all ? stayed / all : 0), count: all - stayed })}
      table={{
        columns: [t("rfm.from_group"), t("rfm.to_group"), t("rfm.people")],
        rows: moved.map((flow) => [title(flow.from, "from"), title(flow.to, "to"), flow.customers]),
      }}
    />
  );
}
