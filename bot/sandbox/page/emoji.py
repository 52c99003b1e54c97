"""Which picture does an emoji's short name stand for?"""

from __future__ import annotations

import re

from bot.sandbox.page.tags import Html, escaped, tag

NAME = re.compile(r":([a-z0-9_+'-]{1,60}):(?::skin-tone-[2-6]:)?")

# The names people and bots use most; a name that is not here is shown as it was written, as Slack does.
_TABLE = """
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 ok_hand 👌 wave 👋 clap 👏 raised_hands 🙌 pray 🙏 muscle 💪
eyes 👀 point_right 👉 point_left 👈 point_up_2 👆 point_down 👇 raised_hand ✋ fist ✊ v ✌️
handshake 🤝 writing_hand ✍️ smile 😄 smiley 😃 grinning 😀 grin 😁 joy 😂 rofl 🤣
slightly_smiling_face 🙂 blush 😊 wink 😉 sunglasses 😎 thinking_face 🤔 neutral_face 😐
confused 😕 worried 😟 cry 😢 sob 😭 scream 😱 angry 😠 rage 😡 sweat 😓 sweat_smile 😅
sleeping 😴 zzz 💤 upside_down_face 🙃 heart_eyes 😍 nerd_face 🤓 partying_face 🥳
exploding_head 🤯 face_palm 🤦 shrug 🤷 robot_face 🤖 skull 💀 heart ❤️ broken_heart 💔
green_heart 💚 blue_heart 💙 yellow_heart 💛 tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁
trophy 🏆 medal 🏅 first_place_medal 🥇 second_place_medal 🥈 third_place_medal 🥉 dart 🎯
100 💯 star ⭐ star2 🌟 sparkles ✨ boom 💥 fire 🔥 zap ⚡ sunny ☀️ cloud ☁️ rain_cloud 🌧️
snowflake ❄️ umbrella ☔ rainbow 🌈 ocean 🌊 earth_asia 🌏 moon 🌙 white_check_mark ✅
heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ heavy_multiplication_x ✖️
negative_squared_cross_mark ❎ warning ⚠️ no_entry ⛔ no_entry_sign 🚫 octagonal_sign 🛑
rotating_light 🚨 bell 🔔 no_bell 🔕 mute 🔇 loudspeaker 📢 mega 📣 question ❓ grey_question ❔
exclamation ❗ heavy_exclamation_mark ❗ grey_exclamation ❕ bangbang ‼️ interrobang ⁉️
sos 🆘 information_source ℹ️ bulb 💡 mag 🔍 mag_right 🔎 lock 🔒 unlock 🔓 key 🔑 shield 🛡️
link 🔗 paperclip 📎 pushpin 📌 round_pushpin 📍 memo 📝 pencil ✏️ pencil2 ✏️ clipboard 📋
notebook 📓 books 📚 book 📖 bookmark 🔖 page_facing_up 📄 newspaper 📰 inbox_tray 📥
outbox_tray 📤 package 📦 email 📧 envelope ✉️ mailbox 📫 file_folder 📁 open_file_folder 📂
card_index_dividers 🗂️ wastebasket 🗑️ bar_chart 📊 chart_with_upwards_trend 📈
chart_with_downwards_trend 📉 calendar 📆 date 📅 spiral_calendar_pad 🗓️ hourglass ⌛
hourglass_flowing_sand ⏳ stopwatch ⏱️ timer_clock ⏲️ alarm_clock ⏰ clock1 🕐 clock3 🕒
clock9 🕘 watch ⌚ computer 💻 desktop_computer 🖥️ keyboard ⌨️ floppy_disk 💾 cd 💿
satellite 🛰️ electric_plug 🔌 battery 🔋 gear ⚙️ wrench 🔧 hammer 🔨 hammer_and_wrench 🛠️
nut_and_bolt 🔩 construction 🚧 test_tube 🧪 microscope 🔬 telescope 🔭 rocket 🚀 airplane ✈️
ship 🚢 car 🚗 truck 🚚 train 🚆 bike 🚲 ambulance 🚑 fire_engine 🚒 house 🏠 office 🏢 factory 🏭
hospital 🏥 ghost 👻 bug 🐛 ant 🐜 bee 🐝 snail 🐌 turtle 🐢 rabbit2 🐇 cat 🐱 dog 🐶 penguin 🐧
whale 🐳 octopus 🐙 unicorn_face 🦄 dragon 🐉 seedling 🌱 deciduous_tree 🌳 cactus 🌵
four_leaf_clover 🍀 coffee ☕ tea 🍵 beer 🍺 pizza 🍕 cake 🍰 cookie 🍪 apple 🍎 banana 🍌
red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢
large_blue_circle 🔵 large_purple_circle 🟣 black_circle ⚫ white_circle ⚪
large_brown_circle 🟤 large_red_square 🟥 large_orange_square 🟧 large_yellow_square 🟨
large_green_square 🟩 large_blue_square 🟦 black_large_square ⬛ white_large_square ⬜
small_red_triangle 🔺 small_red_triangle_down 🔻 large_blue_diamond 🔷 small_blue_diamond 🔹
small_orange_diamond 🔸 arrow_up ⬆️ arrow_down ⬇️ arrow_left ⬅️ arrow_right ➡️
arrow_upper_right ↗️ arrow_lower_right ↘️ arrow_right_hook ↪️
leftwards_arrow_with_hook ↩️ arrow_forward ▶️ arrow_double_up ⏫ arrow_double_down ⏬
arrows_counterclockwise 🔄 repeat 🔁 recycle ♻️ double_vertical_bar ⏸️
black_square_for_stop ⏹️ new 🆕 free 🆓 up 🆙 ok 🆗 cool 🆒 zero 0️⃣ one 1️⃣ two 2️⃣
three 3️⃣ four 4️⃣ five 5️⃣ keycap_ten 🔟 heavy_plus_sign ➕ heavy_minus_sign ➖
checkered_flag 🏁 flag-cn 🇨🇳 triangular_flag_on_post 🚩 crossed_flags 🎌 white_flag 🏳️
moneybag 💰 credit_card 💳 game_die 🎲 jigsaw 🧩 magnet 🧲 thread 🧵 speech_balloon 💬
thought_balloon 💭 left_speech_bubble 🗨️ bust_in_silhouette 👤 busts_in_silhouette 👥
technologist 🧑‍💻 sleuth_or_spy 🕵️ crystal_ball 🔮 hole 🕳️ bed 🛏️ adhesive_bandage 🩹
stethoscope 🩺 thermometer 🌡️ abacus 🧮 brain 🧠
"""
_WORDS = _TABLE.split()
PICTURES = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))


def emoji(name: str, unicode: str = "") -> Html:
    """The picture called `name`; `unicode` are its code points, as rich text carries them."""
    picture = PICTURES.get(name) or _from_code_points(unicode)
    if picture is None:
        return escaped(f":{name}:")
    return tag("span", picture, class_="emoji", role="img", aria_label=name.replace("_", " "), title=f":{name}:")


def _from_code_points(unicode: str) -> str | None:
    try:
        return "".join(chr(int(point, 16)) for point in unicode.split("-")) if unicode else None
    except (ValueError, OverflowError):
        return None
