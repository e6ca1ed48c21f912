"""Addresses of an agent's own shifts."""

from django.urls import path

from civicline.web.mine import asking, duties, feeds, kept, on_call, shifts

app_name = "mine"
urlpatterns = [
    path("", shifts.shifts, name="shifts"),
    path("calendar", shifts.feed, name="feed"),
    path("calendar/<str:secret>.ics", feeds.feed_file, name="feed_file"),
    path("swaps/", asking.market, name="market"),
    path("shifts/<uuid:shift_id>/", asking.trade, name="trade"),
    path("shifts/<uuid:shift_id>/bid", asking.bid, name="bid"),
    path("swaps/<uuid:trade_id>/take", asking.take_trade, name="take_trade"),
    path("swaps/<uuid:trade_id>/drop", asking.drop_trade, name="drop_trade"),
    path("offers/<int:offer_id>/take", asking.take_offer, name="take_offer"),
    path("offers/<int:offer_id>/decline", asking.decline_offer, name="decline_offer"),
    path("on-call/", on_call.on_call, name="on_call"),
    path("on-call/<uuid:duty_id>/", on_call.called_out, name="called_out"),
    path("on-call/<uuid:duty_id>/trade/", duties.trade, name="duty_trade"),
    path("on-call/<uuid:duty_id>/bid", duties.bid, name="bid_duty"),
    path("on-call/trades/<uuid:trade_id>/take", duties.take, name="take_duty"),
    path("on-call/trades/<uuid:trade_id>/drop", duties.drop, name="drop_duty"),
    path("places", on_call.places, name="places"),
    path("kept/", kept.kept, name="kept"),
    path("leave/", asking.leave, name="leave"),
    path("leave/<uuid:leave_id>/drop", asking.drop_leave, name="drop_leave"),
]
