from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    Account = apps.get_model('accounts', 'Account')
    Username = apps.get_model('accounts', 'Username')
    EmailAddress = apps.get_model('accounts', 'EmailAddress')
    Account.objects.filter(password_changed=0).update(password_changed=F('created'))
    rows = Account.objects.values_list('id', 'username', 'email', 'created')
    names, addresses = [], []
    for account_id, username, email, created in rows.iterator():
        names.append(Username(name=username, account_id=account_id, created=created))
        if email:
            addresses.append(
                EmailAddress(
                    value=email, account_id=account_id, verified=True, method='registration', created=created
                )
            )
    Username.objects.bulk_create(names, batch_size=1000)
    EmailAddress.objects.bulk_create(addresses, batch_size=1000)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_names_addresses_tickets'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
