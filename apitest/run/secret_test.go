package run

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNamesOfSecrets(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Authorization", "Proxy-Authorization", "X-Authentication", "Cookie", "X-Auth-Token", "X-Auth", "auth", "oauth2", "basicAuth", "user_auth", "access_token",
		"accessToken", "api_key", "apikey", "X-Api-Key", "accessKey", "KEY", "keys", "client_secret", "password", "PASSWORD", "new-passwd", "pwd", "userPwd", "pass",
		"credentials", "X-Amz-Credential", "sig", "X-Amz-Signature", "X-Hub-Signature-256", "jwt", "id_jwt", "session", "JSESSIONID", "sessionId",
	} {
		require.True(t, Secret(name), name)
	}
	for _, name := range []string{
		"", "author", "authorId", "X-Author", "authority", "keyword", "keyboard", "design", "signal", "assigned", "signup", "passenger", "page", "Accept", "X-Tenant",
	} {
		require.False(t, Secret(name), name)
	}
}
