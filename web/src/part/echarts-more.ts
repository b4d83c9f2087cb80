import { BarChart, SankeyChart } from "echarts/charts";
import { use } from "./echarts";

use([BarChart, SankeyChart]);

export { init } from "./echarts";
