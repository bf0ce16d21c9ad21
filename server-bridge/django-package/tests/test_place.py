"""Where the channel is: only in a folder, and by an announcement, that no one else on the machine can have made (T44)."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from session_bridge import place


class Place(unittest.TestCase):
    """A folder in a temporary directory that is this user's."""

    def setUp(self) -> None:
        self.base = Path(tempfile.mkdtemp())
        self.folder = self.base / "session-bridge"

    def announce(self, **more: object) -> Path:
        """Write an announcement as the bridge does."""
        place.create(self.folder)
        file = self.folder / "site.json"
        file.touch(0o600)
        file.write_text(json.dumps({"v": 1, "socket": "x", "bridge": 47801, "pid": 1, **more}))
        return file

    def test_what_the_bridge_announces_is_read(self) -> None:
        self.announce()
        announced = place.read_announcement(self.folder, "site")
        self.assertEqual(announced and announced["bridge"], 47801)

    def test_without_an_announcement_there_is_none(self) -> None:
        self.assertIsNone(place.read_announcement(self.folder, "site"))

    def test_what_is_no_announcement_is_not_read(self) -> None:
        for text in (
            "",
            "[]",
            "{",
            json.dumps({"v": 2, "bridge": 1}),
            json.dumps({"v": 1, "bridge": "47801"}),
            "1" * 5000,
        ):
            with self.subTest(text[:20]):
                self.announce().write_text(text)
                self.assertIsNone(place.read_announcement(self.folder, "site"))

    def test_a_folder_that_others_can_enter_is_not_used(self) -> None:
        self.announce()
        for mode in (0o701, 0o710, 0o777):
            os.chmod(self.folder, mode)
            self.assertIsNone(place.read_announcement(self.folder, "site"))
            with self.assertRaises(PermissionError):
                place.create(self.folder)

    def test_a_link_in_place_of_the_folder_is_not_used(self) -> None:
        self.announce()
        link = self.base / "link"
        link.symlink_to(self.folder)
        self.assertIsNone(place.read_announcement(link, "site"))

    def test_a_parent_in_which_others_can_rename_it_is_not_used(self) -> None:
        self.announce()
        os.chmod(self.base, 0o777)
        self.assertIsNone(place.read_announcement(self.folder, "site"))
        os.chmod(self.base, 0o1777)
        self.assertIsNotNone(place.read_announcement(self.folder, "site"))

    def test_an_announcement_that_others_can_write_or_that_is_no_file_is_not_read(self) -> None:
        file = self.announce()
        os.chmod(file, 0o606)
        self.assertIsNone(place.read_announcement(self.folder, "site"))
        os.rename(file, self.base / "elsewhere")
        file.symlink_to(self.base / "elsewhere")
        self.assertIsNone(place.read_announcement(self.folder, "site"))
        file.unlink()
        os.mkfifo(file, 0o600)
        self.assertIsNone(place.read_announcement(self.folder, "site"))

    @unittest.skipUnless(hasattr(os, "getuid") and os.getuid() == 0, "needs another user")
    def test_what_another_user_owns_is_not_used(self) -> None:
        file = self.announce()
        os.chown(file, 65534, 65534)
        self.assertIsNone(place.read_announcement(self.folder, "site"))
        os.chown(file, 0, 0)
        os.chown(self.folder, 65534, 65534)
        self.assertIsNone(place.read_announcement(self.folder, "site"))
        os.chown(self.folder, 0, 0)
        os.chown(self.base, 65534, 65534)
        self.assertIsNone(place.read_announcement(self.folder, "site"))

    def test_a_runtime_directory_counts_only_if_it_is_this_users_alone(self) -> None:
        with mock.patch.dict(os.environ, {"XDG_RUNTIME_DIR": str(self.base)}):
            os.chmod(self.base, 0o700)
            self.assertEqual(place.folder(), self.base / "session-bridge")
            os.chmod(self.base, 0o750)
            self.assertEqual(place.folder(), Path(tempfile.gettempdir()) / f"session-bridge-{os.getuid()}")

    def test_a_site_is_named_by_its_settings_wherever_it_is_started(self) -> None:
        settings_file = sys.modules[os.environ["DJANGO_SETTINGS_MODULE"]].__file__
        self.assertEqual(place.name_of_site(), place.name(str(settings_file)))
        with mock.patch.object(os, "getcwd", return_value="/elsewhere"):
            self.assertEqual(place.name_of_site(), place.name(str(settings_file)))
            with mock.patch.dict(sys.modules, {os.environ["DJANGO_SETTINGS_MODULE"]: None}):
                self.assertEqual(place.name_of_site(), place.name("/elsewhere"))

    def test_one_site_has_one_name_however_it_is_reached(self) -> None:
        settings = self.base / "settings.py"
        settings.touch()
        link = self.base / "other.py"
        link.symlink_to(settings)
        self.assertEqual(place.name(str(settings)), place.name(str(link)))
        self.assertRegex(place.name(str(settings)), "^[0-9a-f]{32}$")
