"""The site has no pages: tests make their own requests."""

urlpatterns = []
