"""What does Slack accept in one message, and where does it say so?"""

# https://docs.slack.dev/reference/block-kit/blocks
BLOCKS_IN_A_MESSAGE = 50

# https://docs.slack.dev/reference/methods/chat.update (`msg_too_long` above it; chat.postMessage takes more)
TOP_LEVEL_TEXT = 4_000

# Slack answers `msg_blocks_too_long` without saying where it begins; this is below what it was seen to refuse.
TEXT_IN_ALL_BLOCKS = 12_000

# https://docs.slack.dev/reference/block-kit/blocks/header-block
HEADER = 150

# https://docs.slack.dev/reference/block-kit/composition-objects/text-object
TEXT_OBJECT = 3_000

# https://docs.slack.dev/reference/block-kit/blocks/section-block
FIELDS_IN_A_SECTION = 10
FIELD = 2_000

# https://docs.slack.dev/reference/block-kit/blocks/actions-block
BUTTONS_IN_A_BLOCK = 25

# https://docs.slack.dev/reference/block-kit/block-elements/button-element
BUTTON_LABEL = 75
BUTTON_VALUE = 2_000
URL = 3_000

# https://docs.slack.dev/reference/block-kit/blocks/table-block
TABLES_IN_A_MESSAGE = 1  # `only_one_table_allowed` in the page's earlier text; its later text does not take it back
TABLE_ROWS = 100
TABLE_COLUMNS = 20
TABLE_CHARACTERS = 10_000

# https://docs.slack.dev/reference/block-kit/blocks/image-block
ALT_TEXT = 2_000

# https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
CHARTS_IN_A_MESSAGE = 2
CHART_TITLE = 50
CHART_SERIES = 12
CHART_POINTS = 20
CHART_LABEL = 20

# Numbers above it are not exact in JavaScript, in which Slack's clients are written.
EXACT_INTEGER = 2**53

# https://docs.slack.dev/reference/views/modal-views
BLOCKS_IN_A_VIEW = 100
VIEW_TITLE = 24
PRIVATE_METADATA = 3_000

# https://docs.slack.dev/reference/block-kit/blocks/input-block
FIELD_LABEL = 2_000
FIELD_HINT = 2_000
FIELD_ERROR = 300  # Slack names no limit; more than that nobody reads under a field
TYPED = 3_000

# https://docs.slack.dev/reference/block-kit/composition-objects/option-object
OPTIONS = 100
OPTIONS_IN_AN_OVERFLOW = 5
OVERFLOW_VALUE = 150
