import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ApiError, address } from "../src/api/client";
import { startTexts } from "../src/i18n";
import { ConfirmAct } from "../src/part/confirm";
import { Figure } from "../src/part/figure";
import { ErrorBox } from "../src/part/state";
import { agentName } from "../src/pages/setting/me";

beforeAll(() => startTexts("en"));
afterEach(cleanup);

describe("a figure", () => {
  const show = (value: number | null, before: number | null, more = {}) => {
    render(
      <dl>
        <Figure name="x" value="1" compare={{ value, before }} {...more} />
      </dl>,
    );
  };
  it("says how it changed", () => {
    show(110, 100);
    expect(screen.getByText(/\+10\.0%/)).toBeTruthy();
  });
  it("counts shares in points", () => {
    show(0.25, 0.2, { unit: "share" });
    expect(screen.getByText(/\+5\.0 pts/)).toBeTruthy();
  });
  it("does not compare with nothing", () => {
    show(110, 0);
    expect(screen.getByText("Nothing to compare with")).toBeTruthy();
  });
  it("calls for attention when what is bad grows", () => {
    show(110, 100, { worse: true });
    expect(screen.getByText(/\+10\.0%/).className).toContain("attention");
  });
});

describe("an error", () => {
  it("says what failed and offers again", () => {
    const again = vi.fn();
    render(<ErrorBox error={new ApiError(503, "busy", "")} what="Orders" again={again} />);
    expect(screen.getByRole("alert").textContent).toContain("Orders could not be loaded");
    fireEvent.click(screen.getByRole("button"));
    expect(again).toHaveBeenCalledOnce();
  });
  it("shows the server's words where they say what to mend", () => {
    render(<ErrorBox error={new ApiError(400, "bad_input", "No column x.", "sql", "Try y.")} />);
    expect(screen.getByRole("alert").textContent).toContain("No column x. Try y.");
  });
});

describe("an act that asks first", () => {
  it("waits for what has to be typed and for a reason", async () => {
    const act = vi.fn(() => Promise.resolve());
    const close = vi.fn();
    render(
      <ConfirmAct
        open
        title="Erase"
        what="All of it"
        verb="Erase it"
        typed="14"
        reason="Why"
        act={act}
        onClose={close}
      />,
    );
    const button = screen.getByRole("button", { name: "Erase it" }) as HTMLButtonElement;
    expect(button.disabled).toBe(true);
    fireEvent.change(screen.getByLabelText("Why"), { target: { value: "asked for" } });
    fireEvent.change(screen.getByLabelText(/Type/), { target: { value: "14" } });
    expect(button.disabled).toBe(false);
    fireEvent.click(button);
    await vi.waitFor(() => expect(close).toHaveBeenCalled());
    expect(act).toHaveBeenCalledWith("asked for");
  });
});

describe("an address of the API", () => {
  it("fills its path and leaves out what is not said", () => {
    const input = { path: { customer_id: "a/b" }, query: { q: "", after: null, limit: 5 } };
    expect(address("GET /customers/{customer_id}/timeline", input)).toBe(
      "/api/v1/customers/a%2Fb/timeline?limit=5",
    );
  });
});

it("names browsers as people do", () => {
  expect(agentName("Mozilla/5.0 (Windows NT 10.0) Chrome/148.0 Safari/537.36")).toBe(
    "Chrome · Windows",
  );
  expect(agentName("curl/8")).toBe("curl/8");
});
