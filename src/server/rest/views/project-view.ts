import type { RestProject } from '../../../protocol/index.ts';
import type { Project } from '../../../store/index.ts';
import { time } from './times.ts';

/** A project as the API shows it. */
export function projectView(project: Project, url: string): RestProject {
  const { path, name, settings } = project;
  const at = path.lastIndexOf('/');
  return {
    id: project.id,
    description: null,
    name,
    name_with_namespace: `${path.slice(0, at).split('/').join(' / ')} / ${name}`,
    path: path.slice(at + 1),
    path_with_namespace: path,
    created_at: time(project.createdAt),
    default_branch: project.defaultBranch,
    http_url_to_repo: `${url}/${path}.git`,
    web_url: `${url}/${path}`,
    visibility: settings.visibility,
    ci_config_path: project.configPath,
    ci_default_git_depth: settings.gitDepth,
    build_timeout: settings.timeoutSeconds,
    auto_cancel_pending_pipelines: settings.autoCancelRedundant ? 'enabled' : 'disabled',
  };
}
