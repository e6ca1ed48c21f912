"""Addresses of an agent's own shifts."""

from django.urls import path

from civicline.web.mine import asking, feeds, kept, on_call, shifts, trading

app_name = "mine"
SHIFTS, TURNS = {"stall": trading.SHIFTS}, {"stall": trading.TURNS}
urlpatterns = [
    path("", shifts.shifts, name="shifts"),
    path("calendar", shifts.feed, name="feed"),
    path("calendar/<str:secret>.ics", feeds.feed_file, name="feed_file"),
    path("swaps/", asking.market, name="market"),
    path("shifts/<uuid:thing_id>/", trading.trade, SHIFTS, name="trade"),
    path("shifts/<uuid:thing_id>/bid", trading.bid, SHIFTS, name="bid"),
    path("swaps/<uuid:trade_id>/take", trading.take, SHIFTS, name="take_trade"),
    path("swaps/<uuid:trade_id>/drop", trading.drop, SHIFTS, name="drop_trade"),
    path("offers/<int:offer_id>/take", asking.take_offer, name="take_offer"),
    path("offers/<int:offer_id>/decline", asking.decline_offer, name="decline_offer"),
    path("on-call/", on_call.on_call, name="on_call"),
    path("on-call/<uuid:duty_id>/", on_call.called_out, name="called_out"),
    path("on-call/<uuid:thing_id>/trade/", trading.trade, TURNS, name="duty_trade"),
    path("on-call/<uuid:thing_id>/bid", trading.bid, TURNS, name="bid_duty"),
    path("on-call/trades/<uuid:trade_id>/take", trading.take, TURNS, name="take_duty"),
    path("on-call/trades/<uuid:trade_id>/drop", trading.drop, TURNS, name="drop_duty"),
    path("places", on_call.places, name="places"),
    path("kept/", kept.kept, name="kept"),
    path("leave/", asking.leave, name="leave"),
    path("leave/<uuid:leave_id>/drop", asking.drop_leave, name="drop_leave"),
]
