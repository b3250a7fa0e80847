"""The option `website` on a real server, read back by another client."""


from support import StoreTest, is_lacking, main

UPLOAD = """  - uses: upload
    with: {to: primary, website: {index: index.html%s}}
"""


class Website(StoreTest):
    def setUp(self):
        super().setUp()
        try:
            self.client_a.put_bucket_website(
                Bucket=self.source, WebsiteConfiguration={"IndexDocument": {"Suffix": "x"}}
            )
        except self.client_a.exceptions.ClientError as error:
            if is_lacking(error):
                self.skipTest("the server has no websites")
            raise
        self.client_a.delete_bucket_website(Bucket=self.source)
        for key in ("index.html", "404.html"):
            self.write(f"site/{key}", f"<!doctype html><html lang=en><title>{key}</title><p>{key}")

    def website(self):
        """None if the bucket is none."""
        try:
            found = self.client_a.get_bucket_website(Bucket=self.source)
        except self.client_a.exceptions.ClientError as error:
            self.assertEqual(error.response["Error"]["Code"], "NoSuchWebsiteConfiguration")
            return None
        return {name: value for name, value in found.items() if name != "ResponseMetadata"}

    def settings(self, finished):
        return [line["type"] for line in finished.lines() if line.get("op") == "setting"]

    def test_it_is_set_once_with_the_prefix_before_the_error_page(self):
        self.pipeline(stages=UPLOAD % ", error: 404.html", prefix="docs/")
        dry = self.push("-n")
        self.assertEqual(self.settings(dry), ["planned"])
        self.assertIsNone(self.website())
        self.assertEqual(self.settings(self.push()), ["planned", "action"])
        wanted = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "docs/404.html"}}
        self.assertEqual(self.website(), wanted)
        again = self.push()
        self.assertEqual(self.settings(again), [])
        plan = next(line for line in again.lines() if line["type"] == "plan")
        self.assertEqual((plan["settings"], plan["same"]), (0, 2))
        self.pipeline(stages=UPLOAD % "", prefix="docs/")
        changed = self.push()
        reason = next(line for line in changed.lines() if line["type"] == "planned")["reason"]
        self.assertEqual(reason, "index index.html; was index index.html, error docs/404.html")
        self.assertEqual(self.website(), {"IndexDocument": {"Suffix": "index.html"}})

    def test_a_plan_has_it_and_apply_sets_it_or_refuses_what_has_moved(self):
        self.pipeline(stages=UPLOAD % "")
        wanted = {"IndexDocument": {"Suffix": "index.html"}}
        planned = self.run_deployflow("plan", "--out", "plan.json", "--json")
        self.assertEqual((planned.code, self.website()), (0, None), planned.out + planned.err)
        applied = self.run_deployflow("apply", "plan.json", "--json")
        self.assertEqual(applied.code, 0, applied.out + applied.err)
        self.assertEqual((self.settings(applied).count("action"), self.website()), (1, wanted))

        other = {"IndexDocument": {"Suffix": "start.html"}}
        self.client_a.put_bucket_website(Bucket=self.source, WebsiteConfiguration=other)
        self.assertEqual(self.run_deployflow("plan", "--out", "plan.json", "--json").code, 0)
        another = {"IndexDocument": {"Suffix": "begin.html"}}
        self.client_a.put_bucket_website(Bucket=self.source, WebsiteConfiguration=another)
        refused = self.run_deployflow("apply", "plan.json", "--json")
        self.assertEqual((refused.code, self.website()), (5, another), refused.out + refused.err)

    def test_routing_rules_are_left_as_they_are(self):
        ruled = {
            "IndexDocument": {"Suffix": "start.html"},
            "RoutingRules": [{"Condition": {"KeyPrefixEquals": "old/"}, "Redirect": {"ReplaceKeyPrefixWith": "new/"}}],
        }
        self.client_a.put_bucket_website(Bucket=self.source, WebsiteConfiguration=ruled)
        before = self.website()
        self.assertIn("RoutingRules", before)
        self.pipeline(stages=UPLOAD % "")
        finished = self.push()
        self.assertEqual([line["code"] for line in finished.lines() if line["type"] == "finding"], ["upload/website-kept"])
        self.assertEqual(self.website(), before)

    def test_a_page_that_the_site_does_not_have_is_refused_before_anything_is_stored(self):
        self.pipeline(stages=UPLOAD % ", error: gone.html")
        finished = self.run_deployflow("push", "--json")
        self.assertEqual(finished.code, 1, finished.out)
        self.assertEqual([line["code"] for line in finished.lines() if line["type"] == "finding"], ["upload/website"])
        self.assertIsNone(self.website())
        self.assertEqual(self.client_a.list_objects_v2(Bucket=self.source)["KeyCount"], 0)


if __name__ == "__main__":
    main()
