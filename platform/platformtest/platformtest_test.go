package platformtest_test

import (
	"testing"

	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/platformtest"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// TestTheDigestArrives sends the example digest over the border and reads it where the government does.
func TestTheDigestArrives(t *testing.T) {
	platformtest.Each(t, func(t *testing.T, h *platformtest.House) {
		h.Node.Send(t.Context(), h.Digest())
		got, ok, err := h.Cockpit.Digest(t.Context(), h.Office(party.RoleDataBureau))
		if err != nil || !ok || got.Digest.GetFirms() != 150 || got.Origin == "" {
			t.Errorf("the digest is %+v, %v, %v", got, ok, err)
		}
	})
}
