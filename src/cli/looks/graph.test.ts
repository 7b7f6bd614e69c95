import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { job, plan } from '../../pipeline/test-support/plan-builder.ts';
import { graphAsDot, graphAsMermaid, graphAsText, graphOf } from './graph.ts';
import { jobTable } from './job-table.ts';

const plain = picocolors.createColors(false);

const example = plan({
  build: [job('compile'), job('docs', { allowFailure: true })],
  test: [job('unit "quick"', { needs: ['compile'] }), job('lint', { needs: [] })],
  deploy: [job('ship', { when: 'manual' })],
});

describe('the graph of a pipeline', () => {
  it('as text', () => {
    expect(graphAsText(graphOf(example), plain)).toBe(`build
  ├ compile
  └ docs (may fail)
  │
test
  ├ unit "quick" ← compile
  └ lint ← nothing
  │
deploy
  └ ship (manual)
`);
  });

  it('for Mermaid, with names that are not its own syntax', () => {
    expect(graphAsMermaid(graphOf(example))).toBe(`flowchart LR
  subgraph stage0["build"]
    job0["compile"]
    job1["docs"]
  end
  subgraph stage1["test"]
    job2["unit #34;quick#34;"]
    job3["lint"]
  end
  subgraph stage2["deploy"]
    job4(["ship"])
  end
  job0 --> job2
  stage1 --> stage2
`);
  });

  it('for Graphviz', () => {
    expect(graphAsDot(graphOf(example))).toBe(`digraph pipeline {
  rankdir=LR;
  compound=true;
  node [shape=box, style=rounded];
  subgraph cluster_0 {
    label="build";
    "compile";
    "docs";
  }
  subgraph cluster_1 {
    label="test";
    "unit \\"quick\\"";
    "lint";
  }
  subgraph cluster_2 {
    label="deploy";
    "ship" [style="rounded,dashed"];
  }
  "compile" -> "unit \\"quick\\"";
  "unit \\"quick\\"" -> "ship" [ltail=cluster_1, lhead=cluster_2];
}
`);
  });

  it('cannot break out of a name', () => {
    const hostile = graphOf(plan({ s: [job('a"]\nevil --> b')] }));
    expect(graphAsMermaid(hostile)).toContain('job0["a#34;] evil --#62; b"]');
    expect(graphAsDot(hostile)).toContain('"a\\"] evil --> b";');
  });
});

it('the table of jobs goes stage by stage', () => {
  expect(jobTable(example, plain, (text) => text)).toBe(`build
  compile       on_success
  docs          on_success  allowed to fail
test
  unit "quick"  on_success  needs compile
  lint          on_success  needs nothing
deploy
  ship          manual
`);
});
