"""A small web server: health for machines, and the endpoint that Slack calls in HTTP mode. No page decides."""
