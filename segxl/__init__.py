"""segxl: segment scorecards and segment performance reports from raw CRM exports."""
