package natsbus

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"127.0.0.1":                     "nats://127.0.0.1",
		"nats://a:4222":                 "nats://a:4222",
		"u:secret@a:1":                  "nats://u:secret@a:1",
		"nats://u:secret@a, tls://b:2/": "nats://u:secret@a,tls://b:2/",
		"wss://u:sec%2Fret@a":           "wss://u:sec%2Fret@a",
		"":                              "",
		"nats://":                       "",
		"nats://%zz":                    "",
		"nats://u:secret/1@a":           "",
		"nats://u:1/secret@a":           "",
		"nats://u:1?secret@a":           "",
		"nats://u:1#secret@a":           "",
		"u:secret,1@a":                  "",
		"u:sec ret@a":                   "",
	} {
		got, err := ParseURL(text)
		require.Equal(t, want, got, text)
		if want == "" {
			require.Error(t, err)
			require.NotContains(t, err.Error(), "secret")
			continue
		}
		require.NoError(t, err)
		require.NotContains(t, Config{URL: got}.where(), "sec")
	}
}
