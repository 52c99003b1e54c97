"""What does Slack refuse? Every limit of Block Kit, checked as its pages state them."""
