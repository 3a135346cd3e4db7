package entra

// callerAppID is the application that users of [Directory.UserToken] are signed in to.
const callerAppID = "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff"

// UserToken returns a token of the user with that object id for the first registered application, with the audience
// "api://" and its id: what a caller of that application sends. With [WithAudience] and [Directory.Audience] it is a
// token for Microsoft Graph, with the delegated permission unless [WithScope] sets another.
func (d *Directory) UserToken(oid string, opts ...TokenOption) string {
	claims := d.newClaims("", "api://"+d.first)
	claims["oid"], claims["sub"] = oid, oid
	claims["appid"], claims["azp"] = callerAppID, callerAppID
	claims["idtyp"] = "user"
	claims["name"], claims["preferred_username"] = "User "+oid, oid+"@example.com"
	for _, opt := range opts {
		opt(claims)
	}
	if claims["scp"] == nil {
		claims["scp"] = "access_as_user"
		if textOf(claims, "aud") == d.audience {
			claims["scp"] = d.scope
		}
	}
	return d.sign(claims)
}

// AppToken returns an app-only token of the first registered application for Microsoft Graph.
func (d *Directory) AppToken(opts ...TokenOption) string {
	claims := d.appClaims("", d.first, d.audience)
	for _, opt := range opts {
		opt(claims)
	}
	return d.sign(claims)
}

// FederatedToken returns a token of the directory's own workload issuer for that subject, as a Kubernetes cluster would
// project it into a file. An application accepts it if it has a [FederatedCredential] with that subject and no issuer.
func (d *Directory) FederatedToken(subject string, opts ...TokenOption) string {
	claims := d.newClaims("", exchangeAudience)
	claims["iss"], claims["sub"] = workloadIssuer, subject
	for _, opt := range opts {
		opt(claims)
	}
	return d.sign(claims)
}
