"""count.py REPORT TEST_STATUS CHECK_STATUS: sum pytest's JUnit report and the drift check in one line."""

import sys
from pathlib import Path
from xml.etree import ElementTree

report, test_status, check_status = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
passed = failed = skipped = 0
if report.exists():
    for suite in ElementTree.parse(report).iter("testsuite"):
        count = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
        failed += count["failures"] + count["errors"]
        skipped += count["skipped"]
        passed += count["tests"] - count["failures"] - count["errors"] - count["skipped"]
# no report, or a crash that is not attributed to a test
if test_status and not failed:
    failed += 1
if check_status:
    failed += 1
else:
    passed += 1
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed else 0)
