//! Cutting against area and length: what neighbouring boxes get must add up to the whole.

use super::*;

/// Fixed, so that a failure repeats.
const SEED: u64 = 41;

/// Boxes tile the plane from -400 to 400 in steps of 100.
const BOXES: i32 = 8;
const SIDE: f64 = 100.0;

struct Random(u64);

impl Random {
    fn next(&mut self, limit: u64) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((self.0 >> 33) % limit) as f64
    }
}

fn place(x: f64, y: f64) -> TileXy {
    TileXy { x, y }
}

/// A box and a step that moves geometry into it.
fn boxes() -> Vec<(ClipBox, f64, f64)> {
    let index = || -BOXES / 2..BOXES / 2;
    let all = index().flat_map(|x| index().map(move |y| (f64::from(x), f64::from(y))));
    all.map(|(x, y)| (ClipBox { low: 0.0, high: SIDE }, -x * SIDE, -y * SIDE)).collect()
}

fn clip_ring(clip: ClipBox, mut ring: Vec<TileXy>) -> Vec<TileXy> {
    let mut sides = Sides::default();
    ring.iter().for_each(|place| sides.add(clip.side(*place)));
    clip.clip_ring(&mut ring, &mut Vec::new(), sides);
    ring
}

/// Segments that go on where the last one ended are one piece.
fn clip_line(clip: ClipBox, line: &[TileXy]) -> Vec<Vec<TileXy>> {
    let mut pieces: Vec<Vec<TileXy>> = Vec::new();
    for (start, end) in clip.clip_line(line) {
        match pieces.last_mut().filter(|piece| piece.last() == Some(&start)) {
            Some(piece) => piece.push(end),
            None => pieces.push(vec![start, end]),
        }
    }
    pieces
}

fn shift(path: &[TileXy], dx: f64, dy: f64) -> Vec<TileXy> {
    path.iter().map(|vertex| place(vertex.x + dx, vertex.y + dy)).collect()
}

fn area(ring: &[TileXy]) -> f64 {
    let following = ring.iter().cycle().skip(1);
    ring.iter().zip(following).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>() / 2.0
}

fn length(line: &[TileXy]) -> f64 {
    line.windows(2).map(|ends| (ends[1].x - ends[0].x).hypot(ends[1].y - ends[0].y)).sum()
}

/// A star-shaped ring, so that it never crosses itself, deeply notched.
fn random_ring(random: &mut Random, scale: f64) -> Vec<TileXy> {
    let count = 3 + random.next(40) as usize;
    let (x, y) = (random.next(200) - 100.0, random.next(200) - 100.0);
    (0..count)
        .map(|index| {
            let angle = index as f64 / count as f64 * std::f64::consts::TAU;
            let radius = scale * (0.05 + random.next(100) / 100.0);
            place((x + radius * angle.cos()).round(), (y + radius * angle.sin()).round())
        })
        .collect()
}

#[test]
fn the_pieces_of_a_polygon_with_a_hole_add_up_to_its_area() {
    let mut random = Random(SEED);
    for _ in 0..300 {
        let exterior = random_ring(&mut random, 250.0);
        let hole: Vec<TileXy> = random_ring(&mut random, 60.0);
        let pieces: f64 = boxes()
            .into_iter()
            .map(|(clip, dx, dy)| {
                area(&clip_ring(clip, shift(&exterior, dx, dy)))
                    - area(&clip_ring(clip, shift(&hole, dx, dy)))
            })
            .sum();
        let whole = area(&exterior) - area(&hole);
        // Square units; doubles near 10^5 carry 10^-11 each.
        assert!((pieces - whole).abs() < 1e-6, "{pieces} of {whole}");
    }
}

#[test]
fn the_pieces_of_a_line_add_up_to_its_length() {
    let mut random = Random(SEED);
    for _ in 0..300 {
        let line: Vec<TileXy> =
            (0..30).map(|_| place(random.next(797) - 398.5, random.next(797) - 398.5)).collect();
        let pieces: f64 = boxes()
            .into_iter()
            .flat_map(|(clip, dx, dy)| clip_line(clip, &shift(&line, dx, dy)))
            .map(|piece| length(&piece))
            .sum();
        assert!((pieces - length(&line)).abs() < 1e-6);
    }
}

#[test]
fn a_shared_edge_is_cut_at_the_same_place_whichever_way_it_runs() {
    let mut random = Random(SEED);
    let clip = ClipBox { low: 0.0, high: SIDE };
    for _ in 0..2_000 {
        let (a, b) = (
            place(random.next(400) - 150.0, random.next(400) - 150.0),
            place(random.next(400) - 150.0, random.next(400) - 150.0),
        );
        let there = clip.clip_segment(a, b);
        let back = clip.clip_segment(b, a).map(|(start, end)| (end, start));
        assert_eq!(there, back);
    }
}

#[test]
fn a_line_that_leaves_and_comes_back_is_two_pieces() {
    let clip = ClipBox { low: 0.0, high: SIDE };
    let line = [place(50.0, 50.0), place(150.0, 50.0), place(150.0, 60.0), place(50.0, 60.0)];
    let pieces = clip_line(clip, &line);
    assert_eq!(pieces.len(), 2);
    assert_eq!(pieces[0], [place(50.0, 50.0), place(100.0, 50.0)]);
}

#[test]
fn a_line_that_only_touches_the_box_gives_nothing() {
    let clip = ClipBox { low: 0.0, high: SIDE };
    assert!(clip_line(clip, &[place(-10.0, 10.0), place(10.0, -10.0)]).is_empty());
    assert!(clip_line(clip, &[place(5.0, 5.0)]).is_empty());
    assert!(clip_line(clip, &[]).is_empty());
}

#[test]
fn a_ring_around_the_box_becomes_the_box() {
    let clip = ClipBox { low: 0.0, high: SIDE };
    let far = 1e9;
    let ring = vec![place(-far, -far), place(far, -far), place(far, far), place(-far, far)];
    let clipped = clip_ring(clip, ring);
    assert!((area(&clipped) - SIDE * SIDE).abs() < 1e-6);
    assert!(clip_ring(clip, vec![]).is_empty());
}
