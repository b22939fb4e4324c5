package poynt

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func (c *till) listed(query string) []string {
	c.t.Helper()
	a := c.get(transactionsPath + "?" + query)
	if a.status != 200 {
		c.t.Fatalf("%s: %d %s", query, a.status, a.raw)
	}
	var references []string
	for _, tx := range transactionsOf(a.body) {
		refs, _ := tx["references"].([]any)
		if len(refs) > 0 {
			references = append(references, text(refs[0].(map[string]any)["id"]))
		}
	}
	return references
}

// poynt.md 23, 50: pages with links of either sort.
func TestPages(t *testing.T) {
	for _, links := range []string{"relative", "absolute"} {
		bubble(t, Options{Customer: "contactless"}, func(t *testing.T, c *till) {
			c.fault("list.links", links)
			for i := range 25 {
				c.quiet(fmt.Sprintf("sale-%02d", i))
				settle(time.Second)
			}
			var all []string
			next := transactionsPath
			for pages := 0; next != ""; pages++ {
				a := c.get(strings.TrimPrefix(next, c.base))
				list := transactionsOf(a.body)
				if pages > 2 || a.status != 200 || len(list) != min(10, 25-10*pages) || a.body["count"] != 25.0 {
					t.Fatalf("page %d: %d %s", pages, a.status, a.raw)
				}
				for _, tx := range list {
					all = append(all, text(tx["id"]))
				}
				next = ""
				if links, _ := a.body["links"].([]any); len(links) == 1 {
					next = text(links[0].(map[string]any)["href"])
				}
				if absolute := strings.HasPrefix(next, c.base); next != "" && absolute != (links == "absolute") {
					t.Errorf("link %q", next)
				}
			}
			slices.Sort(all)
			if all = slices.Compact(all); len(all) != 25 {
				t.Errorf("%d transactions on the pages", len(all))
			}
		})
	}
}

// The documented filters (poynt.md 12).
func TestFilters(t *testing.T) {
	bubble(t, Options{Customer: "contactless"}, func(t *testing.T, c *till) {
		start := time.Now()
		c.quiet("sale-1")
		settle(time.Hour)
		c.customer("declined")
		c.quiet("sale-2")
		settle(time.Hour)
		c.customer("chip-pin")
		c.sell("auth-3", 100, map[string]any{"authzOnly": true})
		settle(time.Hour)
		at := func(d time.Duration) string { return url.QueryEscape(start.Add(d).UTC().Format(time.RFC3339)) }
		for query, want := range map[string]string{
			"":                           "sale-1 sale-2 auth-3",
			"startAt=" + at(time.Minute): "sale-2 auth-3",
			"endAt=" + at(time.Minute):   "sale-1",
			"startAt=" + at(time.Minute) + "&endAt=" + at(61*time.Minute): "sale-2",
			"startAt=" + at(0):                              "sale-1 sale-2 auth-3",
			"status=DECLINED":                               "sale-2",
			"action=AUTHORIZE":                              "auth-3",
			"authOnly=true":                                 "auth-3",
			"cardNumberLast4=0010":                          "sale-1",
			"cardNumberFirst6=400000&status=AUTHORIZED":     "auth-3",
			"deviceId=" + DeviceID:                          "sale-1 sale-2 auth-3",
			"deviceId=" + SecondDeviceID:                    "",
			"storeId=" + BusinessID:                         "",
			"searchKey=sale-2":                              "sale-2",
			"searchKey=nothing":                             "",
			"startOffset=1&limit=1":                         "sale-2",
			"startOffset=9":                                 "",
			"timeType=updatedAt&startAt=" + at(time.Minute): "sale-2 auth-3",
		} {
			if got := strings.Join(c.listed(query), " "); got != want {
				t.Errorf("%s finds %q, want %q", query, got, want)
			}
		}
		id := text(transactionsOf(c.get(transactionsPath + "?searchKey=sale-1").body)[0]["id"])
		if got := c.listed("transactionIds=x," + id); !slices.Equal(got, []string{"sale-1"}) {
			t.Errorf("by ids: %q", got)
		}
		c.fault("list.search-key", "processor-ids")
		if got := c.listed("searchKey=sale-1"); len(got) != 0 {
			t.Errorf("found by reference: %q", got)
		}
		for _, query := range []string{"limit=0", "limit=101", "limit=x", "startOffset=-1", "startAt=1768472430"} {
			c.refused(c.get(transactionsPath+"?"+query), 400, "INVALID_PARAMETER")
		}
		c.listed("referenceId=sale-1")
		c.violated("which is no parameter")
		c.refused(c.get("/businesses/"+StoreID+"/transactions"), 404, "BUSINESS_NOT_FOUND")
		c.refused(c.get("/businesses/"+StoreID+"/transactions/x"), 404, "BUSINESS_NOT_FOUND")

		r := c.request(http.MethodGet, transactionsPath, "", "")
		r.Header.Set("If-Modified-Since", time.Now().UTC().Format(time.RFC3339))
		if a := c.do(r); a.status != http.StatusNotModified || len(a.raw) > 0 {
			t.Errorf("unchanged: %d %s", a.status, a.raw)
		}
		r = c.request(http.MethodGet, transactionsPath, "", "")
		r.Header.Set("If-Modified-Since", start.Add(90*time.Minute).UTC().Format(time.RFC3339))
		if a := c.do(r); a.status != 200 || len(transactionsOf(a.body)) != 1 {
			t.Errorf("changed: %d %s", a.status, a.raw)
		}
	})
}

// A transaction shows after a while, by id as in lists; until then it cannot be
// changed either.
func TestVisibility(t *testing.T) {
	for value, span := range map[string]time.Duration{"500ms": 500 * time.Millisecond, "10s": 10 * time.Second, "5m": 5 * time.Minute} {
		bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.fault("list.visibility", value)
			c.quiet("sale-1")
			for len(c.cloud.Bookings()) == 0 {
				settle(10 * time.Millisecond)
			}
			id := c.cloud.Bookings()[0].ID
			time.Sleep(time.Until(c.cloud.Bookings()[0].At.Add(span - time.Millisecond)))
			c.refused(c.get(transactionsPath+"/"+id), 404, "TRANSACTION_NOT_FOUND")
			if got := c.listed(""); len(got) != 0 {
				t.Errorf("listed early: %q", got)
			}
			c.charged("sale-1", 1256, 1)
			time.Sleep(time.Millisecond)
			if c.status(id) != "CAPTURED" || len(c.listed("")) != 1 {
				t.Errorf("%s: not shown in time", value)
			}
		})
	}
}

// poynt.md 5 and 23, 59.
func TestDiscovery(t *testing.T) {
	bubble(t, Options{Name: "Counter 7"}, func(t *testing.T, c *till) {
		path := "/businesses/" + BusinessID
		stores := c.get(path + "?storeDevices=true").body["stores"].([]any)
		devices := stores[0].(map[string]any)["storeDevices"].([]any)
		var seen []string
		for _, d := range devices {
			m := d.(map[string]any)
			seen = append(seen, fmt.Sprint(m["type"], " ", m["status"], " ", m["name"]))
		}
		if want := []string{"TERMINAL ACTIVATED Counter 7", "TERMINAL ACTIVATED Counter 2", "TERMINAL DEACTIVATED Old counter", "WIFI_SENSOR ACTIVATED Door sensor"}; !slices.Equal(seen, want) {
			t.Errorf("devices %q", seen)
		}
		if first := devices[0].(map[string]any); first["deviceId"] != DeviceID || first["lastSeenAt"] == nil || devices[1].(map[string]any)["lastSeenAt"] != nil {
			t.Errorf("device %v", first)
		}
		c.fault("discovery.plain", "without")
		c.fault("payment.purchase", "authorize")
		plain := c.get(path).body["stores"].([]any)[0].(map[string]any)
		if plain["storeDevices"] != nil || field(plain, "attributes.purchaseAction") != "AUTHORIZE" {
			t.Errorf("store %v", plain)
		}
		if a := c.get(path + "/stores/" + StoreID); a.status != 200 || a.body["currency"] != "USD" || a.body["storeDevices"] == nil {
			t.Errorf("store %s", a.raw)
		}
		if a := c.get("/businesses?storeDeviceId=" + DeviceID); a.status != 200 || a.body["id"] != BusinessID {
			t.Errorf("business of a device %s", a.raw)
		}
		if a := c.get("/terminal-ids?deviceId=" + DeviceID); a.status != 200 {
			t.Errorf("terminal ids %s", a.raw)
		}
		if a := c.get(path + "/stores/" + StoreID + "/merchant-payment-accounts"); a.status != 200 || !strings.Contains(string(a.raw), merchantID) {
			t.Errorf("accounts %s", a.raw)
		}
		c.fault("discovery.stores", "none")
		if a := c.get(path); a.body["stores"] != nil {
			t.Errorf("stores %v", a.body["stores"])
		}
		c.refused(c.get("/businesses/"+StoreID), 404, "BUSINESS_NOT_FOUND")
		c.refused(c.get("/businesses?storeDeviceId=x"), 404, "STORE_DEVICE_NOT_FOUND")
		c.refused(c.get(path+"/stores/x"), 404, "RESOURCE_NOT_FOUND")
		c.noViolations()
	})
}
