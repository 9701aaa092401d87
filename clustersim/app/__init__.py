"""The browser page for teaching: a world that students run, change, shock and take home.

What happens in a visitor's world is in `clustersim.app.session`, which knows nothing of browsers;
the page in `clustersim.app.page` shows it. Only page and server need the extra ``app``.
"""
