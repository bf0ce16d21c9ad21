"""A session class of the site's own, whose table has the name in the setting `OWN_TABLE`."""
