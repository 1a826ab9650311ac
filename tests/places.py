"""Where tests find what they do not make themselves."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The project's root."""
DATA = ROOT.parent / "shared" / "data"
"""Public sample exports, a folder per publisher. Optional: tests that need a missing one are skipped, with the reason.

Their publishers state figures that segxl must reproduce: ``maven_crm`` (Maven Analytics, CRM Sales Opportunities),
``ravenstack`` (a SaaS company: accounts, subscriptions, churn), ``leakfinder`` (deals as HubSpot export and Salesforce
history), ``opportunity_csv`` (deals with percentages and empty lines) and ``mrr_playbook`` (subscription periods). The
others show how exports look: ``complyflow`` (leads to revenue), ``ad_platforms``, ``marketo_bulk``, and the tables of
the Salesforce and HubSpot connectors.
"""
