/** An engine of a site's own, as Django's documentation describes it: the table has a column more. */

/** Settings and files of a project whose `SESSION_ENGINE` is `mysite.models`. */
export const OWN_ENGINE = {
  settings: 'INSTALLED_APPS += ["mysite"]\n',
  files: {
    "mysite/models.py": `from django.contrib.sessions.backends.db import SessionStore as DBStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class ShopSession(AbstractBaseSession):
    account_id = models.IntegerField(null=True)

    @classmethod
    def get_session_store_class(cls):
        return SessionStore


class SessionStore(DBStore):
    @classmethod
    def get_model_class(cls):
        return ShopSession

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.account_id = data.get("_auth_user_id")
        return row
`,
    "mysite/migrations/__init__.py": "",
    "mysite/migrations/0001_initial.py": `from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            "ShopSession",
            fields=[
                ("session_key", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("session_data", models.TextField()),
                ("expire_date", models.DateTimeField(db_index=True)),
                ("account_id", models.IntegerField(null=True)),
            ],
        ),
    ]
`,
  },
} as const;
