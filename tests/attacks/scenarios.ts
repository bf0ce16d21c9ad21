/** The attacks that need a browser, by kind of attacker. Each is played in both browsers unless it says otherwise. */
import type { Scenario } from "../e2e/scenario.ts";
import { callsFromAnOpaqueOrigin } from "./frame/calls-from-an-opaque-origin.ts";
import { crowdsTheLinks } from "./frame/crowds-the-links.ts";
import { loadsTheAppWithoutCredentials } from "./frame/loads-the-app-without-credentials.ts";
import { nestsTheAppInItself } from "./frame/nests-the-app-in-itself.ts";
import { saysWhatThePanelDid } from "./frame/says-what-the-panel-did.ts";
import { sendsThePageAwayDuringAnEdit } from "./frame/sends-the-page-away-during-an-edit.ts";
import { showsTheAppOnAnotherSite } from "./frame/shows-the-app-on-another-site.ts";
import { answersWithoutEnd } from "./page/answers-without-end.ts";
import { borrowsThePortUnderAnotherName } from "./page/borrows-the-port-under-another-name.ts";
import { leavesForAddressesWithoutAnOrigin } from "./page/leaves-for-addresses-without-an-origin.ts";
import { namesACookieLikeTheSession } from "./page/names-a-cookie-like-the-session.ts";
import { passesThePanelsCallsOn } from "./page/passes-the-panels-calls-on.ts";
import { standsBetweenAsAServiceWorker } from "./page/stands-between-as-a-service-worker.ts";
import { staysOnTheWayToTheVictim } from "./page/stays-on-the-way-to-the-victim.ts";
import { tossesACookie } from "./page/tosses-a-cookie.ts";
import { donatesASession } from "./second-extension/donates-a-session.ts";
import { listensToThePanelsRequests } from "./second-extension/listens-to-the-panels-requests.ts";
import { opensOurPages } from "./second-extension/opens-our-pages.ts";
import { redirectsTheBridge } from "./second-extension/redirects-the-bridge.ts";
import { speaksAsAPanel } from "./second-extension/speaks-as-a-panel.ts";
import { swapsTheTraceHeader } from "./second-extension/swaps-the-trace-header.ts";
import { takesTheCookieFromDevtools } from "./second-extension/takes-the-cookie-from-devtools.ts";

export const attacks: Record<string, readonly Scenario[]> = {
  "a second extension": [
    listensToThePanelsRequests,
    redirectsTheBridge,
    swapsTheTraceHeader,
    donatesASession,
    speaksAsAPanel,
    opensOurPages,
    takesTheCookieFromDevtools,
  ],
  "a page": [
    answersWithoutEnd,
    passesThePanelsCallsOn,
    standsBetweenAsAServiceWorker,
    tossesACookie,
    leavesForAddressesWithoutAnOrigin,
    staysOnTheWayToTheVictim,
    namesACookieLikeTheSession,
    borrowsThePortUnderAnotherName,
  ],
  "a frame": [
    saysWhatThePanelDid,
    sendsThePageAwayDuringAnEdit,
    showsTheAppOnAnotherSite,
    callsFromAnOpaqueOrigin,
    nestsTheAppInItself,
    crowdsTheLinks,
    loadsTheAppWithoutCredentials,
  ],
};
