import { LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import * as core from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

core.use([LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

export const { init, use } = core;
export type { ECharts } from "echarts/core";
