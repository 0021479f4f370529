// The client's login button on a page of an app.
import pryv from "pryv";

const query = new URLSearchParams(location.search);
const log = document.getElementById("log");
const settings = {
  spanButtonID: "pryv-button",
  onStateChange: async (state) => {
    log.dataset.state = state.id;
    if (state.id !== pryv.Auth?.AuthStates?.AUTHORIZED && state.id !== "ACCEPTED") return;
    const serviceInfoUrl = query.get("service");
    const connection = state.apiEndpoint
      ? new pryv.Connection(state.apiEndpoint)
      : await pryv.connectFromKey(state.key, serviceInfoUrl);
    const info = await connection.accessInfo();
    log.textContent = `${info.type} ${info.name} ${info.user.username}`;
  },
  authRequest: {
    requestingAppId: query.get("app") ?? "button-test-app",
    requestedPermissions: [{ streamId: "heart", defaultName: "Heart", level: query.get("level") ?? "manage" }],
    ...(query.get("returnURL") && { returnURL: query.get("returnURL") }),
    ...(query.get("oauthState") && { oauthState: query.get("oauthState") }),
  },
};
pryv.Browser.setupAuth(settings, query.get("service")).catch((error) => { log.textContent = `failed ${error.message}`; });
