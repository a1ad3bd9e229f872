"""Notices and the settings of a channel in; Slack, Discord, Teams, PagerDuty, webhooks and mails out."""
