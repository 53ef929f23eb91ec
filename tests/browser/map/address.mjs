// What the address brings and keeps: links, the key, the appearance.

import assert from 'node:assert/strict';
import { waitForIdle } from '../browser.mjs';
import { base, key, STREETS } from './looks.mjs';

/** Checks by what they prove. */
export const address = {
  'a link brings back place, layers, opacity, language and appearance, and ignores what it does not know': {
    hash: '#map=15/16.0605/108.2190&lang=en&theme=dark&off=building&opacity=road_segment:40,nothing:10&new=1&at=108.219,16.0605,admin_unit,0',
    async run({ page, answers }) {
      assert.equal(await page.getAttribute('html', 'lang'), 'en');
      assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
      assert.equal(answers.get('/styles/danang_dark.json'), 200);
      assert.equal(await page.isChecked('#layer-switch-building'), false);
      const { zoom, center } = await page.evaluate(() => ({ zoom: window.urbisMap.getZoom(), center: window.urbisMap.getCenter().toArray() }));
      assert.ok(Math.abs(zoom - 15) < 0.01 && Math.abs(center[0] - 108.219) < 1e-3, `${zoom} ${center}`);
      const point = await page.evaluate(() => window.urbisMap.project([108.2190, 16.0605]));
      await page.keyboard.press('Escape');
      await page.mouse.click(point.x, point.y);
      await page.waitForSelector('#sheet:not([hidden])[aria-busy=false]');
      const heading = await page.innerText('#sheet-title');
      const link = page.url();
      await page.goBack();
      await page.waitForSelector('#sheet', { state: 'hidden' });
      await page.goForward();
      await page.waitForSelector('#sheet:not([hidden])[aria-busy=false]');
      const copy = await page.context().newPage();
      await copy.goto(link);
      await waitForIdle(copy);
      await copy.waitForSelector('#sheet:not([hidden])[aria-busy=false]');
      assert.equal(await copy.innerText('#sheet-title'), heading);
      await copy.close();
    },
  },

  'the link is copied as it is in the address': {
    options: { permissions: ['clipboard-read', 'clipboard-write'] },
    hash: STREETS,
    async run({ page }) {
      await page.click('#tool-copyLink');
      await page.waitForFunction(() => document.querySelector('#message.shown')?.textContent.includes('Đã sao chép'));
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), page.url());
    },
  },

  'what is internal is on the page with the key alone, and the key leaves the address at once': {
    async run({ page }) {
      assert.equal(await page.locator('#layer-camera').count(), 0, 'the public has no cameras');
      assert.equal(await page.isVisible('#identity'), false);
      const sent = [];
      page.on('request', (request) => sent.push([request.url(), request.headers()['authorization']]));
      // Another document, as when a link is opened: a fragment alone would load nothing.
      await page.goto('about:blank');
      await page.goto(new URL(`/#key=${key}&lang=vi`, base).href);
      await waitForIdle(page);
      assert.ok(!page.url().includes('key') && page.url().includes('lang=vi'), page.url());
      assert.equal(await page.locator('#layer-camera .lock').count(), 1);
      assert.match(await page.innerText('#identity'), /Người vận hành · hạn chế/);
      const unsigned = sent.filter(([url, header]) => /\/(tiles|layers|styles|sprites|health|live)/.test(url) && header !== `Bearer ${key}`);
      assert.deepEqual(unsigned, [], 'every question carries the key');
      await page.goBack();
      assert.ok(!page.url().includes(key), 'no step of the history holds the key');
      await page.goForward();
      await waitForIdle(page);
      await page.click('#sign-out');
      await page.waitForFunction(() => document.querySelector('#identity')?.hidden && window.urbisMap);
      await waitForIdle(page);
      assert.equal(await page.locator('#layer-camera').count(), 0);
      assert.equal(await page.evaluate(() => sessionStorage.getItem('urbis-key')), null);
    },
  },

  'a key that the server does not know is dropped, and the page says so': {
    mayFail: /401/,
    async run({ page }) {
      await page.goto('about:blank');
      await page.goto(new URL('/#key=urbis_nobody_nothing', base).href);
      await page.waitForFunction(() => document.querySelector('#message.shown')?.textContent.includes('Khóa không còn dùng được'));
      await waitForIdle(page);
      assert.equal(await page.evaluate(() => sessionStorage.getItem('urbis-key')), null);
    },
  },

  'what cannot be a key is dropped at once, and the page opens for everybody and says so': {
    async run({ page }) {
      for (const broken of ['%', 'a%20b%0Ac', 'khóa€', 'x'.repeat(201)]) {
        await page.goto('about:blank');
        await page.goto(new URL(`/#key=${broken}`, base).href);
        await page.waitForFunction(() => document.querySelector('#message.shown')?.textContent.includes('Khóa không còn dùng được'));
        await waitForIdle(page);
        assert.ok(!page.url().includes('key'), page.url());
        assert.equal(await page.evaluate(() => sessionStorage.getItem('urbis-key')), null);
        assert.equal(await page.isVisible('#identity'), false);
      }
    },
  },

  'a link to what is not there says so and opens nothing, and one with parts missing is no link': {
    hash: `${STREETS}&at=108.219,16.0605,building,999999999`,
    async run({ page }) {
      await page.waitForFunction(() => document.querySelector('#message.shown')?.textContent.includes('không còn ở đây'));
      assert.equal(await page.isVisible('#sheet'), false);
      assert.ok(!page.url().includes('at='), page.url());
      for (const broken of [',,building,', '108.2,16.06,building,', ',16.06,building,1', '108.2,16.06,building,1.5', '108.2,16.06,building,1,2']) {
        await page.goto('about:blank');
        await page.goto(new URL(`/${STREETS}&at=${broken}`, base).href);
        await waitForIdle(page);
        assert.equal(await page.isVisible('#sheet'), false, broken);
      }
    },
  },

  'the appearance goes from the system\'s to light to dark, and is kept': async ({ page }) => {
    const theme = () => page.getAttribute('html', 'data-theme');
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    await page.click('#appearance');
    assert.equal(await theme(), 'light');
    await page.click('#appearance');
    assert.equal(await theme(), 'dark');
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    assert.equal(await theme(), 'dark');
    await page.goto(base);
    await waitForIdle(page);
    assert.equal(await theme(), 'dark', 'the next visit is dark, too');
  },
};
