// One line per test, what broke under it, and last "N passed, N failed".
import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

export default class Lines implements Reporter {
  private passed = 0;
  private failed = 0;

  onTestEnd(test: TestCase, result: TestResult) {
    const ok = result.status === test.expectedStatus;
    if (ok) this.passed++;
    else this.failed++;
    console.log(`${ok ? "ok  " : "FAIL"} ${test.titlePath().filter(Boolean).slice(1).join(" > ")} (${result.duration} ms)`);
    if (!ok) for (const error of result.errors) console.log(error.message ?? error.value ?? "", error.snippet ?? "");
  }

  onError(error: { message?: string }) {
    this.failed++;
    console.log(error.message);
  }

  onEnd() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
  }
}
